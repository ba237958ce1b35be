import { oneOf, type MetricSource, type Sample } from '../../telemetry/metrics.js';
import type { BinlogParts } from '../member/binlog-parts.js';
import type { ServerRunner } from '../member/server-runner.js';
import type { SlaveInfo } from '../server/binlog-server.js';
import { REFUSALS } from '../server/server-counters.js';

const STATES = ['STARTING', 'RUNNING', 'FAILED'] as const;
/** More series than that help nobody. */
const MAX_SLAVES = 200;

/** The metrics of the binlog servers of this member, and of the slaves that are attached here. */
export function serverMetrics({ runners }: Pick<BinlogParts, 'runners'>): MetricSource[] {
  const each = (read: (runner: ServerRunner) => Sample[]) => (): Sample[] =>
    runners
      .list()
      .flatMap(({ name, runner }) =>
        read(runner).map(({ labels, value }) => ({ labels: { binlog_server: name, ...labels }, value })),
      );
  const listening = (read: (server: NonNullable<ServerRunner['listening']>) => number) =>
    each(({ listening: server }) => (server === null ? [] : [{ labels: {}, value: read(server) }]));
  const labels = ['binlog_server'];
  const slaves = (read: (slave: SlaveInfo) => number | null) => ({
    labels: ['binlog_server', 'server_id'],
    read: each((runner) => worstOf(runner.slaves(), read)),
  });
  return [
    {
      name: 'quorate_binlog_server_state',
      help: '1 for the state that the binlog server is in on this member.',
      labels: ['binlog_server', 'state'],
      read: each(({ state }) => oneOf('state', STATES, state)),
    },
    {
      name: 'quorate_binlog_server_slaves',
      help: 'Slaves that are attached.',
      labels,
      read: each((runner) => [{ labels: {}, value: runner.slaves().length }]),
    },
    {
      ...{ name: 'quorate_binlog_server_sent_events_total', type: 'counter', labels },
      help: 'Events that were sent to slaves since the binlog server began to listen.',
      read: listening(({ sent }) => sent.events),
    },
    {
      ...{ name: 'quorate_binlog_server_sent_bytes_total', type: 'counter', labels },
      help: 'Bytes that were sent to slaves since the binlog server began to listen.',
      read: listening(({ sent }) => sent.bytes),
    },
    {
      name: 'quorate_binlog_server_refused_total',
      help: 'Connections, logins and dumps that were refused.',
      type: 'counter',
      labels: ['binlog_server', 'what'],
      read: each(({ listening: server }) =>
        server === null
          ? []
          : REFUSALS.map((what) => ({ labels: { what }, value: server.counters.refused[what] })),
      ),
    },
    {
      ...{ name: 'quorate_slave_lag_bytes', help: 'What is committed and was not sent to the slave.' },
      ...slaves(({ lagBytes }) => lagBytes),
    },
    {
      name: 'quorate_slave_lag_seconds',
      help: 'How old the event is that the slave was sent last; 0 when it has all.',
      ...slaves(({ lagSeconds }) => lagSeconds),
    },
  ];
}

/** By the number that a slave calls itself: of those that share one, the largest value. */
function worstOf(slaves: readonly SlaveInfo[], read: (slave: SlaveInfo) => number | null): Sample[] {
  const values = new Map<number, number>();
  for (const slave of slaves) {
    const value = read(slave);
    if (value === null) continue;
    const known = values.get(slave.serverId);
    if (known === undefined && values.size >= MAX_SLAVES) continue;
    values.set(slave.serverId, Math.max(value, known ?? 0));
  }
  return [...values].map(([id, value]) => ({ labels: { server_id: String(id) }, value }));
}
