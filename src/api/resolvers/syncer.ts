import { Arg, Authorized, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Proposed } from '../../cluster/proposals.js';
import { requireRole } from '../auth.js';
import type { ApiContext, Services } from '../context.js';
import {
  SkipTransactionInput,
  skipTransactionSchema,
  StartSyncerInput,
  startSyncerSchema,
  StopSyncerInput,
  stopSyncerSchema,
  SwitchSourceInput,
  switchSourceSchema,
} from '../inputs/binlog.js';
import { validate } from '../inputs/validate.js';
import { presentSyncer } from '../present-binlog.js';
import { runMutation } from '../types/payload.js';
import { SkipTransactionPayload, SyncerPayload } from '../types/payloads.js';

@Resolver()
export class SyncerMutations {
  @Authorized('OPERATOR')
  @Mutation(() => SyncerPayload, {
    description:
      'Follows a source: tries it first (login, settings, GTIDs), and writes nothing when it cannot be followed. ' +
      'Refused while there is a syncer that runs.',
  })
  startSyncer(
    @Arg('input', () => StartSyncerInput, { description: 'What to follow.' }) input: StartSyncerInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<SyncerPayload> {
    return change(services, () =>
      services.binlog.syncers.start(validate(startSyncerSchema, input), caller.name),
    );
  }

  @Authorized('OPERATOR')
  @Mutation(() => SyncerPayload, {
    description: 'Ends the connection to the source, until it is started again. The journal is served on.',
  })
  stopSyncer(
    @Arg('input', () => StopSyncerInput, { defaultValue: {}, description: 'How.' }) input: StopSyncerInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<SyncerPayload> {
    return change(services, () =>
      services.binlog.syncers.stop(validate(stopSyncerSchema, input), caller.name),
    );
  }

  @Authorized('ADMIN')
  @Mutation(() => SkipTransactionPayload, {
    description:
      'Passes over a transaction of the source that cannot be replicated or is not wanted. Recorded, so that it holds also after a ' +
      'restart and for whoever leads next. What the journal has is not taken out.',
  })
  skipTransaction(
    @Arg('input', () => SkipTransactionInput, { description: 'Which.' }) input: SkipTransactionInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<SkipTransactionPayload> {
    let consequence: string | null = null;
    return runMutation(
      async () => {
        const request = validate(skipTransactionSchema, input);
        const skipped = await services.binlog.skipped.skip(request, caller.name);
        ({ consequence } = skipped);
        return skipped.proposed;
      },
      () => ({ syncer: presentSyncer(services), consequence }),
    );
  }

  @Authorized('OPERATOR')
  @Mutation(() => SyncerPayload, {
    description:
      'To another source with the same history; refused when GTIDs would be missing there, unless forced. A syncer that ' +
      'is stopped stays so.',
  })
  switchSource(
    @Arg('input', () => SwitchSourceInput, { description: 'Which.' }) input: SwitchSourceInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<SyncerPayload> {
    if (input.force) requireRole(caller, 'ADMIN');
    return change(services, () =>
      services.binlog.syncers.switchSource(validate(switchSourceSchema, input), caller.name),
    );
  }
}

function change(services: Services, work: () => Promise<Proposed | null>): Promise<SyncerPayload> {
  return runMutation(
    async () => work(),
    () => ({ syncer: presentSyncer(services) }),
  );
}
