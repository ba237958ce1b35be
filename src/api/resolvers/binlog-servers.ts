import { Arg, Authorized, Ctx, Mutation, Resolver } from 'type-graphql';
import type { ApiContext } from '../context.js';
import {
  DisconnectSlaveInput,
  RemoveBinlogServerInput,
  StartBinlogServerInput,
  StopBinlogServerInput,
} from '../inputs/binlog-servers.js';
import { proposeOnce } from '../once.js';
import { presentBinlogServerChange, presentSlave } from '../present/binlog-servers.js';
import { presentChange } from '../present/payload.js';
import {
  DisconnectSlavePayload,
  RemoveBinlogServerPayload,
  StartBinlogServerPayload,
  StopBinlogServerPayload,
} from '../types/payloads/binlog-servers.js';

@Resolver()
export class BinlogServerMutations {
  @Authorized('OPERATOR')
  @Mutation(() => StartBinlogServerPayload, {
    description:
      'Lets replicas attach. Also for one that was stopped, with other settings. One that cannot listen is tried again and ' +
      'says why in its state.',
  })
  async startBinlogServer(
    @Arg('input', () => StartBinlogServerInput, { description: 'The binlog server.' })
    input: StartBinlogServerInput,
    @Ctx() context: ApiContext,
  ): Promise<StartBinlogServerPayload> {
    const { services, caller } = context;
    const proposed = await proposeOnce(context, input, (claim) =>
      services.binlog.startServer(input, caller.name, claim),
    );
    return presentBinlogServerChange(proposed, input.name, services);
  }

  @Authorized('OPERATOR')
  @Mutation(() => StopBinlogServerPayload, {
    description: 'Disconnects its slaves and listens no more, until it is started again.',
  })
  async stopBinlogServer(
    @Arg('input', () => StopBinlogServerInput, { description: 'The binlog server.' })
    input: StopBinlogServerInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<StopBinlogServerPayload> {
    return presentBinlogServerChange(
      await services.binlog.stopServer(input, caller.name),
      input.name,
      services,
    );
  }

  @Authorized('OPERATOR')
  @Mutation(() => RemoveBinlogServerPayload, { description: 'Stops it when it runs, and forgets it.' })
  async removeBinlogServer(
    @Arg('input', () => RemoveBinlogServerInput, { description: 'The binlog server.' })
    input: RemoveBinlogServerInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<RemoveBinlogServerPayload> {
    return presentBinlogServerChange(
      await services.binlog.removeServer(input, caller.name),
      input.name,
      services,
    );
  }

  @Authorized('OPERATOR')
  @Mutation(() => DisconnectSlavePayload, {
    description: 'Ends the connection of a slave, at whichever member it is; it may come again.',
  })
  async disconnectSlave(
    @Arg('input', () => DisconnectSlaveInput, { description: 'The slave.' }) input: DisconnectSlaveInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<DisconnectSlavePayload> {
    const { proposed, slave } = await services.binlog.disconnectSlave(input, caller.name);
    return presentChange(proposed, { slave: slave && presentSlave(slave) });
  }
}
