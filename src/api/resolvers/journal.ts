import { Arg, Authorized, Ctx, Mutation, Resolver } from 'type-graphql';
import type { z } from 'zod';
import type { Retention } from '../../binlog/journal/purge-plan.js';
import type { SegmentInfo } from '../../binlog/journal/segment.js';
import type { RestartedSlaves } from '../../binlog/member/binlog-half.js';
import { requireRole } from '../auth.js';
import type { ApiContext } from '../context.js';
import {
  PurgeJournalInput,
  purgeJournalSchema,
  RestartJournalInput,
  restartJournalSchema,
} from '../inputs/binlog.js';
import { validate } from '../inputs/validate.js';
import { presentJournal, presentSegment, presentSlave } from '../present-binlog.js';
import { runMutation } from '../types/payload.js';
import { JournalPayload, RestartJournalPayload } from '../types/payloads.js';

@Resolver()
export class JournalMutations {
  @Authorized('OPERATOR')
  @Mutation(() => JournalPayload, {
    description:
      'Removes old segments, never the newest one. Refused when an attached slave still needs one of them, unless ' +
      'forced.',
  })
  purgeJournal(
    @Arg('input', () => PurgeJournalInput, { description: 'What to keep.' }) input: PurgeJournalInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<JournalPayload> {
    if (input.force) requireRole(caller, 'ADMIN');
    let segments: readonly SegmentInfo[] = [];
    return runMutation(
      async () => {
        const { force, dryRun, ...retention } = validate(purgeJournalSchema, input);
        const { binlog } = services;
        const request = { retention: toRetention(retention), force, dryRun };
        const purged = await binlog.purges.purge(await binlog.journalInOffice(), request, caller.name);
        ({ segments } = purged);
        return purged.proposed;
      },
      () => ({ journal: presentJournal(services), segments: segments.map(presentSegment) }),
    );
  }

  @Authorized('ADMIN')
  @Mutation(() => RestartJournalPayload, {
    description:
      'Sets the journal aside at all members, and puts an empty one in its place that begins behind these transactions. For a source ' +
      'that was reset, or has purged what the journal needs. A syncer that is to run must be able to go on from there; stop it ' +
      'first to restart the journal all the same.',
  })
  restartJournalAfter(
    @Arg('input', () => RestartJournalInput, { description: 'Where it begins.' }) input: RestartJournalInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<RestartJournalPayload> {
    let restarted: RestartedSlaves | null = null;
    return runMutation(
      async () => {
        const request = validate(restartJournalSchema, input);
        restarted = await services.binlog.restartJournal(request, caller.name);
        return restarted.proposed;
      },
      () => ({ journal: presentJournal(services), ...presentRestart(restarted) }),
    );
  }
}

/** Null when it was turned down. */
function presentRestart(restarted: RestartedSlaves | null) {
  const { plan, slaves = [], lost = [] } = restarted ?? {};
  return {
    discardedGtidSet: String(plan?.discarded ?? ''),
    aheadGtidSet: String(plan?.ahead ?? ''),
    missingGtidSet: String(plan?.missing ?? ''),
    slaves: slaves.map(presentSlave),
    lostSlaves: lost.map(presentSlave),
    folder: plan?.folder ?? null,
  };
}

type Wanted = Pick<z.infer<typeof purgeJournalSchema>, 'keepBytes' | 'olderThan' | 'toSegment'>;

/** The schema has seen to it that there is exactly one. */
function toRetention({ keepBytes, olderThan, toSegment }: Wanted): Retention {
  if (keepBytes != null) return { keepBytes: Number(keepBytes) };
  return olderThan != null ? { olderThan } : { toSegment: toSegment! };
}
