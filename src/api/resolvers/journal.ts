import { Arg, Authorized, Ctx, Mutation, Resolver } from 'type-graphql';
import type { z } from 'zod';
import type { Retention } from '../../binlog/journal/purge-plan.js';
import type { SegmentInfo } from '../../binlog/journal/segment.js';
import { requireRole } from '../auth.js';
import type { ApiContext } from '../context.js';
import { PurgeJournalInput, purgeJournalSchema } from '../inputs/binlog.js';
import { validate } from '../inputs/validate.js';
import { presentJournal, presentSegment } from '../present-binlog.js';
import { runMutation } from '../types/payload.js';
import { JournalPayload } from '../types/payloads.js';

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
}

type Wanted = Pick<z.infer<typeof purgeJournalSchema>, 'keepBytes' | 'olderThan' | 'toSegment'>;

/** The schema has seen to it that there is exactly one. */
function toRetention({ keepBytes, olderThan, toSegment }: Wanted): Retention {
  if (keepBytes != null) return { keepBytes: Number(keepBytes) };
  return olderThan != null ? { olderThan } : { toSegment: toSegment! };
}
