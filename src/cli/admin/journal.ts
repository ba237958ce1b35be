import type { Command } from 'commander';
import type { Journal, QuorateClient, Segment } from '../../sdk/index.js';
import { UsageError } from './exit-status.js';
import { bytes, count } from './format.js';
import { leaf, option } from './leaf.js';
import { time, wholeNumberText } from './parsers.js';
import { fields, type Column } from './table.js';

const SEGMENT_COLUMNS: readonly Column<Segment>[] = [
  { head: 'NAME', cell: ({ name }) => name },
  { head: 'SIZE', cell: ({ sizeBytes }) => bytes(sizeBytes), right: true },
  { head: 'FROM', cell: ({ minTimestamp }) => minTimestamp },
  { head: 'TO', cell: ({ maxTimestamp }) => maxTimestamp },
  { head: 'GTIDS', cell: ({ addedGtidSet }) => addedGtidSet },
];

interface PurgeOptions {
  readonly keepBytes?: string;
  readonly olderThan?: string;
  readonly toSegment?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** The commands about the journal of a running cluster; those about its files are beside them. */
export function journalCommands(): Command[] {
  return [status(), segments(), purge(), restart()];
}

export function journalText(journal: Journal): string {
  return fields([
    ['Size', bytes(journal.sizeBytes)],
    ['Begins at', journal.startOffset],
    ['Committed to', journal.committedOffset],
    ['Term', journal.term],
    ['Holders', journal.holders.map(({ name }) => name).join(', ')],
    ['Executed GTIDs', journal.executedGtidSet],
    ['Purged GTIDs', journal.purgedGtidSet],
  ]);
}

function status(): Command {
  return leaf({
    name: 'status',
    description: 'the stored binlog, as the member that is asked has it',
    example: 'quorate journal status',
    run: async ({ client, output, signal }) => output.show(await client.journal({}, { signal }), journalText),
  });
}

function segments(): Command {
  return leaf<[], { covering?: string; at?: string }>({
    name: 'segments',
    description: 'its files, oldest first',
    example: 'quorate journal segments --at 2026-01-31T12:00:00Z',
    options: [
      option('--covering <gtids>', 'those that have these transactions').conflicts('at'),
      option('--at <time>', 'those with a transaction at or before that time', time),
    ],
    run: async ({ client, options, output, signal }) => {
      const { covering, at } = options;
      const answer = await client.journalSegments({ covering, at }, { signal });
      output.show(answer, (journal) => output.table(journal.segments, SEGMENT_COLUMNS));
    },
  });
}

function purge(): Command {
  return leaf<[], PurgeOptions>({
    name: 'purge',
    description: 'remove old segments; shows which ones first',
    example: 'quorate journal purge --older-than 2026-01-31T00:00:00Z',
    options: [
      option('--keep-bytes <number>', 'keep at least so many bytes at the end', wholeNumberText),
      option('--older-than <time>', 'segments whose transactions are all older', time),
      option('--to-segment <name>', 'segments before this one'),
      option('--force', 'also what an attached slave has not been sent yet'),
      option('--dry-run', 'only say which segments would go'),
    ],
    asks: true,
    run: async ({ client, options, output, signal, confirm }) => {
      const { keepBytes, olderThan, toSegment, force = false, dryRun = false } = options;
      if ([keepBytes, olderThan, toSegment].filter((value) => value !== undefined).length !== 1) {
        throw new UsageError('Give exactly one of --keep-bytes, --older-than and --to-segment.');
      }
      const input = { keepBytes, olderThan, toSegment, force };
      const plan = await client.purgeJournal({ input: { ...input, dryRun: true } }, { signal });
      if (dryRun) return output.show(plan, (value) => segmentsText(value.segments));
      if (plan.segments.length > 0) {
        output.say(`${count(plan.segments.length, 'segment')} would go: ${names(plan.segments)}.`);
        await confirm('This removes them for good.', plan.segments.at(-1)?.name ?? '');
      }
      const done = await client.purgeJournal({ input: { ...input, dryRun: false } }, { signal });
      output.show(done, (value) => segmentsText(value.segments));

      function segmentsText(gone: readonly Segment[]): string {
        return gone.length === 0 ? 'Nothing to purge.\n' : output.table(gone, SEGMENT_COLUMNS);
      }
    },
  });
}

function restart(): Command {
  return leaf<[string], { dryRun?: boolean }>({
    name: 'restart-after <gtids>',
    description:
      'set the journal aside, and begin an empty one behind these transactions; shows what is lost first',
    example: 'quorate journal restart-after 3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5000 --dry-run',
    options: [option('--dry-run', 'only say what would be lost')],
    asks: true,
    run: async ({ client, options, output, signal, confirm }, gtidSet) => {
      const plan = await client.restartJournalAfter({ input: { gtidSet, dryRun: true } }, { signal });
      if (options.dryRun) return output.show(plan, restartText);
      output.say(restartText(plan).trimEnd());
      await confirm('This sets the journal aside at all members.', 'restart');
      const done = await client.restartJournalAfter({ input: { gtidSet, dryRun: false } }, { signal });
      output.show(done, restartText);
    },
  });
}

function restartText(plan: Awaited<ReturnType<QuorateClient['restartJournalAfter']>>): string {
  const { discardedGtidSet, aheadGtidSet, missingGtidSet, lostSlaves, slaves, folder } = plan;
  return fields([
    ['Set aside', discardedGtidSet || 'nothing'],
    ['Kept in', folder],
    ['Only replicas have', aheadGtidSet || null],
    ['Never served', missingGtidSet || null],
    ['Slaves cut off', slaves.length],
    ['Cannot go on', lostSlaves.map(({ hostName, address }) => hostName ?? address).join(', ') || null],
  ]);
}

function names(segments: readonly Segment[]): string {
  const [first, last] = [segments[0]?.name, segments.at(-1)?.name];
  return segments.length === 1 ? `${first}` : `${first} to ${last}`;
}
