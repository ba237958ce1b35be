import type { Command } from 'commander';
import type { Cluster, Problem } from '../../sdk/index.js';
import { leaf } from './leaf.js';
import { fields, type Column } from './table.js';

export function statusCommand(): Command {
  return leaf({
    name: 'status',
    description: 'the cluster: who leads, how it is, what is wrong',
    example: 'quorate status --url http://10.0.0.11:4000,http://10.0.0.12:4000',
    run: async ({ client, output, signal }) => {
      const cluster = await client.cluster({}, { signal });
      output.show(cluster, (value) => {
        const { problems } = value;
        return (
          clusterText(value) + (problems.length === 0 ? '' : `\n${output.table(problems, PROBLEM_COLUMNS)}`)
        );
      });
    },
  });
}

export function clusterText({ name, health, leader, epoch, coordinator, version }: Cluster): string {
  const { kind, endpoints, reachable, revision } = coordinator;
  return fields([
    ['Cluster', name],
    ['Health', health],
    ['Leader', leader?.name],
    ['Epoch', epoch],
    [
      'Coordinator',
      `${kind}${endpoints.length > 0 ? ` ${endpoints.join(',')}` : ''}${reachable ? '' : ', not reachable'}`,
    ],
    ['Revision', revision],
    ['Version', version],
  ]);
}

const PROBLEM_COLUMNS: readonly Column<Problem>[] = [
  { head: 'SEVERITY', cell: ({ severity }) => severity },
  { head: 'SINCE', cell: ({ since }) => since },
  { head: 'CODE', cell: ({ code }) => code },
  { head: 'SUBJECT', cell: ({ subject }) => subject },
  { head: 'MESSAGE', cell: ({ message, consequence }) => `${message} ${consequence.summary}` },
];
