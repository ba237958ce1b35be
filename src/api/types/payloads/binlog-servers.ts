import { Field, ObjectType } from 'type-graphql';
import { BinlogServer, Slave } from '../binlog.js';
import { Payload } from '../payload.js';

/** The answer to a change of a binlog server. */
@ObjectType({ implements: Payload })
export abstract class BinlogServerChange extends Payload {
  @Field(() => BinlogServer, {
    nullable: true,
    description: 'The binlog server as it is now; null when there is none.',
  })
  binlogServer!: BinlogServer | null;
}

@ObjectType({ description: 'The result of starting a binlog server.' })
export class StartBinlogServerPayload extends BinlogServerChange {}

@ObjectType({ description: 'The result of stopping a binlog server.' })
export class StopBinlogServerPayload extends BinlogServerChange {}

@ObjectType({ description: 'The result of removing a binlog server.' })
export class RemoveBinlogServerPayload extends BinlogServerChange {}

@ObjectType({ implements: Payload, description: 'The result of disconnecting a slave.' })
export class DisconnectSlavePayload extends Payload {
  @Field(() => Slave, { nullable: true, description: 'The slave as it was; null when there is none.' })
  slave!: Slave | null;
}
