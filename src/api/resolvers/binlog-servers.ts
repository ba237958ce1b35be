import { Arg, Authorized, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Proposed } from '../../cluster/proposals.js';
import type { ApiContext, Services } from '../context.js';
import {
  DisconnectSlaveInput,
  disconnectSlaveSchema,
  NameInput,
  nameSchema,
  StartBinlogServerInput,
  startBinlogServerSchema,
} from '../inputs/binlog.js';
import { validate } from '../inputs/validate.js';
import { presentNamedServer, presentSlave } from '../present-binlog.js';
import type { Slave } from '../types/binlog.js';
import { runMutation } from '../types/payload.js';
import { BinlogServerPayload, SlavePayload } from '../types/payloads.js';

@Resolver()
export class BinlogServerMutations {
  @Authorized('OPERATOR')
  @Mutation(() => BinlogServerPayload, {
    description:
      'Lets replicas attach. Also for one that was stopped, with other settings. One that cannot listen is tried again and ' +
      'says why in its state.',
  })
  startBinlogServer(
    @Arg('input', () => StartBinlogServerInput, { description: 'The binlog server.' })
    input: StartBinlogServerInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<BinlogServerPayload> {
    return change(services, input.name, () =>
      services.binlog.startServer(validate(startBinlogServerSchema, input), caller.name),
    );
  }

  @Authorized('OPERATOR')
  @Mutation(() => BinlogServerPayload, {
    description: 'Disconnects its slaves and listens no more, until it is started again.',
  })
  stopBinlogServer(
    @Arg('input', () => NameInput, { description: 'Which.' }) input: NameInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<BinlogServerPayload> {
    return change(services, input.name, () =>
      services.binlog.servers.stop(validate(nameSchema, input), caller.name),
    );
  }

  @Authorized('OPERATOR')
  @Mutation(() => BinlogServerPayload, { description: 'Stops it when it runs, and forgets it.' })
  removeBinlogServer(
    @Arg('input', () => NameInput, { description: 'Which.' }) input: NameInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<BinlogServerPayload> {
    return change(services, input.name, () =>
      services.binlog.servers.remove(validate(nameSchema, input), caller.name),
    );
  }

  @Authorized('OPERATOR')
  @Mutation(() => SlavePayload, {
    description: 'Ends the connection of a slave, at whichever member it is; it may come again.',
  })
  disconnectSlave(
    @Arg('input', () => DisconnectSlaveInput, { description: 'Which.' }) input: DisconnectSlaveInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<SlavePayload> {
    let slave: Slave | null = null;
    return runMutation(
      async () => {
        const which = validate(disconnectSlaveSchema, input);
        const done = await services.binlog.disconnectSlave(which, caller.name);
        slave = done.slave && presentSlave(done.slave);
        return done.proposed;
      },
      () => ({ slave }),
    );
  }
}

function change(
  services: Services,
  name: string,
  work: () => Promise<Proposed | null>,
): Promise<BinlogServerPayload> {
  return runMutation(
    async () => work(),
    () => ({ binlogServer: presentNamedServer(name, services) }),
  );
}
