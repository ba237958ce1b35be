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
import { presentNamedServer, presentSlaves } from '../present-binlog.js';
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
    description:
      'Ends the connection of a slave, which may come again. Of binlog servers on the leader only.',
  })
  disconnectSlave(
    @Arg('input', () => DisconnectSlaveInput, { description: 'Which.' }) input: DisconnectSlaveInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<SlavePayload> {
    let slave: Slave | null = null;
    return runMutation(
      async () => {
        const { binlogServer, connectionId } = validate(disconnectSlaveSchema, input);
        const found = presentSlaves(binlogServer, services).find(
          (each) => each.connectionId === connectionId,
        );
        slave = found ?? null;
        return services.binlog.disconnectSlave(binlogServer, connectionId, caller.name);
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
