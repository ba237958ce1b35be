import { Arg, Authorized, Ctx, Mutation, Resolver } from 'type-graphql';
import type { ApiContext } from '../context.js';
import {
  SkipTransactionInput,
  StartSyncerInput,
  StopSyncerInput,
  SwitchSourceInput,
} from '../inputs/syncer.js';
import { proposeOnce } from '../once.js';
import { presentChange } from '../present/payload.js';
import { presentSyncer, presentSyncerChange } from '../present/syncer.js';
import {
  SkipTransactionPayload,
  StartSyncerPayload,
  StopSyncerPayload,
  SwitchSourcePayload,
} from '../types/payloads/syncer.js';

@Resolver()
export class SyncerMutations {
  @Authorized('OPERATOR')
  @Mutation(() => StartSyncerPayload, {
    description:
      'Follows a source: tries it first (login, settings, GTIDs), and writes nothing when it cannot be followed. ' +
      'Refused while there is a syncer that runs.',
  })
  async startSyncer(
    @Arg('input', () => StartSyncerInput, { description: 'The source.' }) input: StartSyncerInput,
    @Ctx() context: ApiContext,
  ): Promise<StartSyncerPayload> {
    const { services, caller } = context;
    const proposed = await proposeOnce(context, input, (claim) =>
      services.binlog.startSyncer(input, caller.name, claim),
    );
    return presentSyncerChange(proposed, services);
  }

  @Authorized('OPERATOR')
  @Mutation(() => StopSyncerPayload, {
    description: 'Ends the connection to the source, until it is started again. The journal is served on.',
  })
  async stopSyncer(
    @Arg('input', () => StopSyncerInput, { defaultValue: {}, description: 'Options of the stop.' })
    input: StopSyncerInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<StopSyncerPayload> {
    return presentSyncerChange(await services.binlog.stopSyncer(input, caller.name), services);
  }

  @Authorized('ADMIN')
  @Mutation(() => SkipTransactionPayload, {
    description:
      'Passes over a transaction of the source that cannot be replicated or is not wanted. Recorded, so that it holds also after a ' +
      'restart and for whoever leads next. What the journal has is not taken out.',
  })
  async skipTransaction(
    @Arg('input', () => SkipTransactionInput, { description: 'The transaction.' })
    input: SkipTransactionInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<SkipTransactionPayload> {
    const { proposed, consequence } = await services.binlog.skipTransaction(input, caller.name);
    return presentChange(proposed, { syncer: presentSyncer(services), consequence });
  }

  @Authorized('OPERATOR')
  @Mutation(() => SwitchSourcePayload, {
    description:
      'To another source with the same history; refused when GTIDs would be missing there, unless forced. A syncer that ' +
      'is stopped stays so.',
  })
  async switchSource(
    @Arg('input', () => SwitchSourceInput, { description: 'The new source.' }) input: SwitchSourceInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<SwitchSourcePayload> {
    return presentSyncerChange(await services.binlog.switchSource(input, caller.name), services);
  }
}
