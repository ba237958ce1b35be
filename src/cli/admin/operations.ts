import type { Command } from 'commander';
import type { Operation, OperationState } from '../../sdk/index.js';
import { FailedError } from './exit-status.js';
import { duration } from './format.js';
import { group, leaf, option } from './leaf.js';
import { constant, list, wholeNumber } from './parsers.js';
import { followOperation } from './progress.js';
import { fields, type Column } from './table.js';

export const OPERATION_COLUMNS: readonly Column<Operation>[] = [
  { head: 'ID', cell: ({ id }) => id },
  { head: 'STATE', cell: ({ state }) => state },
  { head: 'DONE', cell: ({ done, total }) => `${done}/${total ?? '?'}`, right: true },
  { head: 'UNIT', cell: ({ unit }) => unit },
  { head: 'LEFT', cell: ({ etaSeconds }) => duration(etaSeconds), right: true },
  { head: 'STARTED', cell: ({ startedAt }) => startedAt },
  { head: 'BY', cell: ({ startedBy }) => startedBy },
  { head: 'TITLE', cell: ({ title, error }) => (error === null ? title : `${title}: ${error}`) },
];

export function operationsCommand(): Command {
  const commands = [
    listOperations(),
    show(),
    change('pause', 'stop long work half-way'),
    resume(),
    change('cancel', 'stop long work and undo what is half done'),
    wait(),
  ];
  return group('operations', 'long work with progress', commands, 'list');
}

function operationText(operation: Operation): string {
  const { id, kind, state, title, done, total, unit, rate, pace, etaSeconds, error } = operation;
  return fields([
    ['Id', id],
    ['Kind', kind],
    ['State', state],
    ['Title', title],
    ['Done', `${done}/${total ?? '?'} ${unit}`],
    ['Rate', rate === null ? null : `${Math.round(rate)}/s`],
    ['Pace', pace],
    ['Left', duration(etaSeconds)],
    ['Error', error],
    ['Started', `${operation.startedAt} by ${operation.startedBy}`],
    ['Ended', operation.finishedAt],
  ]);
}

function listOperations(): Command {
  return leaf<[], { state?: readonly OperationState[]; limit: number }>({
    name: 'list',
    description: 'the newest first',
    example: 'quorate operations list --state running,paused',
    options: [
      option('--state <states>', 'only those in one of these states, by comma', (text) =>
        list(text).map(constant),
      ),
      option('--limit <number>', 'how many at most, up to 500', wholeNumber).default(50),
    ],
    run: async ({ client, options, output, signal }) => {
      const answer = await client.operations({ state: options.state, first: options.limit }, { signal });
      output.show(answer, ({ nodes }) => output.table(nodes, OPERATION_COLUMNS));
    },
  });
}

function show(): Command {
  return leaf<[string]>({
    name: 'show <id>',
    description: 'one of them',
    example: 'quorate operations show operation:1234',
    run: async ({ client, output, signal }, id) => {
      const operation = await client.operation({ id }, { signal });
      if (operation === null) throw new FailedError(`There is no operation "${id}".`);
      output.show(operation, operationText);
    },
  });
}

function resume(): Command {
  return leaf<[string], { direction?: 'forward' | 'back' }>({
    name: 'resume <id>',
    description: 'go on with long work that was paused',
    example: 'quorate operations resume operation:1234',
    options: [
      option('--direction <way>', 'go on with it, or with undoing it; by default as before').choices([
        'forward',
        'back',
      ]),
    ],
    run: async ({ client, options, output, signal }, id) => {
      const direction = options.direction?.toUpperCase() as 'FORWARD' | 'BACK' | undefined;
      const payload = await client.resumeOperation(
        { input: { id, ...(direction && { direction }) } },
        { signal },
      );
      output.show(payload, ({ operation }) => (operation ? operationText(operation) : ''));
    },
  });
}

function change(verb: 'pause' | 'cancel', description: string): Command {
  return leaf<[string]>({
    name: `${verb} <id>`,
    description,
    example: `quorate operations ${verb} operation:1234`,
    run: async ({ client, output, signal }, id) => {
      const input = { id };
      const payload = await {
        pause: () => client.pauseOperation({ input }, { signal }),
        cancel: () => client.cancelOperation({ input }, { signal }),
      }[verb]();
      output.show(payload, ({ operation }) => (operation ? operationText(operation) : ''));
    },
  });
}

function wait(): Command {
  return leaf<[string]>({
    name: 'wait <id>',
    description: 'follow it to its end; fails when it fails, is cancelled or pauses',
    example: 'quorate operations wait operation:1234',
    run: async ({ client, output, signal }, id) => {
      const operation = await client.operation({ id }, { signal });
      if (operation === null) throw new FailedError(`There is no operation "${id}".`);
      output.show(await followOperation(client, operation, output, signal), operationText);
    },
  });
}
