import { Arg, Authorized, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Retention } from '../../binlog/journal/purge-plan.js';
import type { ApiContext } from '../context.js';
import { PurgeJournalInput, RestartJournalAfterInput } from '../inputs/journal.js';
import { presentJournal, presentRestart, presentSegment } from '../present/journal.js';
import { presentChange } from '../present/payload.js';
import { PurgeJournalPayload, RestartJournalAfterPayload } from '../types/payloads/journal.js';

@Resolver()
export class JournalMutations {
  @Authorized('OPERATOR')
  @Mutation(() => PurgeJournalPayload, {
    description:
      'Removes old segments, never the newest one. Refused when an attached slave still needs one of them, unless ' +
      'forced.',
  })
  async purgeJournal(
    @Arg('input', () => PurgeJournalInput, { description: 'The part of the journal that stays.' })
    input: PurgeJournalInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<PurgeJournalPayload> {
    const { binlog } = services;
    const { force, dryRun } = input;
    const request = { retention: toRetention(input), force, dryRun };
    const { proposed, segments } = await binlog.purgeJournal(request, caller.name);
    return presentChange(proposed, {
      journal: presentJournal(services),
      segments: segments.map(presentSegment),
    });
  }

  @Authorized('ADMIN')
  @Mutation(() => RestartJournalAfterPayload, {
    description:
      'Sets the journal aside at all members, and puts an empty one in its place that begins behind these transactions. For a source ' +
      'that was reset, or has purged what the journal needs. A syncer that is to run must be able to go on from there; stop it ' +
      'first to restart the journal all the same.',
  })
  async restartJournalAfter(
    @Arg('input', () => RestartJournalAfterInput, {
      description: 'The point behind which the journal begins.',
    })
    input: RestartJournalAfterInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<RestartJournalAfterPayload> {
    const restarted = await services.binlog.restartJournal(input, caller.name);
    return presentRestart(restarted, services);
  }
}

/** The schema of the input has seen to it that there is exactly one. */
function toRetention({ keepBytes, olderThan, toSegment }: PurgeJournalInput): Retention {
  if (keepBytes != null) return { keepBytes: Number(keepBytes) };
  return olderThan != null ? { olderThan } : { toSegment: toSegment! };
}
