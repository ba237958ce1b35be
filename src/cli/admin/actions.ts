import type { Command } from 'commander';
import type { Action, ActionType } from '../../sdk/index.js';
import { UsageError } from './exit-status.js';
import { count } from './format.js';
import { group, leaf, option } from './leaf.js';
import { constant, list, time, wholeNumber, wholeNumberText } from './parsers.js';
import type { Column } from './table.js';

const COLUMNS: readonly Column<Action>[] = [
  { head: 'REVISION', cell: ({ revision }) => revision, right: true },
  { head: 'AT', cell: ({ at }) => at },
  { head: 'TYPE', cell: ({ type }) => type },
  { head: 'ACTOR', cell: ({ actor }) => actor },
  { head: 'TARGET', cell: ({ target }) => target },
  { head: 'CONFIRMED', cell: confirmed },
  { head: 'DESCRIPTION', cell: ({ description }) => description },
];

const PAGE = 500;

/** By how many of the proxies that were to confirm it, and by which not yet. */
function confirmed({ receivers }: Action): string | null {
  if (receivers.length === 0) return null;
  const missing = receivers.filter(({ confirmedAt }) => confirmedAt === null).map(({ proxy }) => proxy);
  return missing.length === 0 ? `by all ${receivers.length}` : `not by ${missing.join(', ')}`;
}

interface ListOptions {
  readonly afterRevision?: string;
  readonly type?: readonly ActionType[];
  readonly limit: number;
}

export function actionsCommand(): Command {
  return group('actions', 'the action feed: who did what', [listActions(), collect()], 'list');
}

function listActions(): Command {
  return leaf<[], ListOptions>({
    name: 'list',
    description: 'the newest actions, in their order; with --after-revision the first after it',
    example: 'quorate actions list --limit 20 --type slot-migrate,group-changed',
    options: [
      option('--after-revision <number>', 'only those that committed after it', wholeNumberText),
      option('--type <types>', 'only of these types, by comma', (text) => list(text).map(constant)),
      option('--limit <number>', 'how many at most, up to 500', wholeNumber).default(50),
    ],
    run: async ({ client, options, output, signal }) => {
      const { afterRevision, type: types, limit } = options;
      if (limit < 1 || limit > PAGE) throw new UsageError(`--limit: expected 1 to ${PAGE}.`);
      const answer =
        afterRevision === undefined
          ? await client.actions({ types, last: limit }, { signal })
          : await client.actions({ afterRevision, types, first: limit }, { signal });
      output.show(answer, ({ nodes }) => output.table(nodes, COLUMNS));
    },
  });
}

function collect(): Command {
  return leaf<[], { keepLast?: number; olderThan?: string }>({
    name: 'collect',
    description: 'forget old actions',
    example: 'quorate actions collect --keep-last 10000',
    options: [
      option('--keep-last <number>', 'all but this many of the newest', wholeNumber).conflicts('olderThan'),
      option('--older-than <time>', 'those proposed before', time),
    ],
    asks: true,
    run: async ({ client, options, output, signal, confirm }) => {
      const { keepLast, olderThan } = options;
      if (keepLast === undefined && olderThan === undefined) {
        throw new UsageError('Give --keep-last or --older-than.');
      }
      await confirm(
        'Old actions are forgotten; who follows the feed from before them is told so.',
        'collect',
      );
      const payload = await client.collectActions({ input: { keepLast, olderThan } }, { signal });
      output.show(payload, ({ collected }) => `Forgot ${count(collected ?? 0, 'action')}.\n`);
    },
  });
}
