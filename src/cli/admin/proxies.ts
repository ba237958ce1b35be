import type { Command } from 'commander';
import type { Proxy, ProxyState, QuorateClient } from '../../sdk/index.js';
import { FailedError } from './exit-status.js';
import { decimal } from './format.js';
import { group, leaf, option } from './leaf.js';
import { constant } from './parsers.js';
import { fields, type Column } from './table.js';

export const PROXY_COLUMNS: readonly Column<Proxy>[] = [
  { head: 'NAME', cell: ({ name }) => name },
  { head: 'ADDRESS', cell: ({ address }) => address },
  { head: 'STATE', cell: ({ state }) => state },
  { head: 'SESSIONS', cell: ({ sessions }) => sessions, right: true },
  { head: 'OPS/S', cell: ({ opsPerSecond }) => decimal(opsPerSecond), right: true },
  { head: 'ERRORS/S', cell: ({ errorsPerSecond }) => decimal(errorsPerSecond), right: true },
  { head: 'P50 MS', cell: ({ latencyP50 }) => decimal(latencyP50), right: true },
  { head: 'P99 MS', cell: ({ latencyP99 }) => decimal(latencyP99), right: true },
  { head: 'REVISION', cell: ({ appliedRevision }) => appliedRevision, right: true },
  { head: 'VERSION', cell: ({ version }) => version },
];

type Answer = NonNullable<Awaited<ReturnType<QuorateClient['proxyStatistics']>>>;
type Statistics = NonNullable<Answer['statistics']>;
type Windowed = NonNullable<Answer['windowed']>;

const COMMAND_COLUMNS: readonly Column<Statistics['commands'][number]>[] = [
  { head: 'COMMAND', cell: ({ name }) => name },
  { head: 'CALLS', cell: ({ calls }) => calls, right: true },
];

const SLOW_COLUMNS: readonly Column<Statistics['slowLog'][number]>[] = [
  { head: 'AT', cell: ({ at }) => at },
  { head: 'MS', cell: ({ durationMs }) => decimal(durationMs), right: true },
  { head: 'COMMAND', cell: ({ command }) => command },
  { head: 'KEY', cell: ({ key }) => key },
  { head: 'SERVER', cell: ({ server }) => server },
  { head: 'FAILED', cell: ({ failed }) => failed },
];

export function proxiesCommand(): Command {
  return group(
    'proxies',
    'proxies that Redis clients connect to',
    [listProxies(), stats(), setState(), remove()],
    'list',
  );
}

function listProxies(): Command {
  return leaf({
    name: 'list',
    description: 'all proxies',
    example: 'quorate proxies',
    run: async ({ client, output, signal }) =>
      output.rows(await client.proxies({}, { signal }), PROXY_COLUMNS),
  });
}

function stats(): Command {
  return leaf<[string]>({
    name: 'stats <name>',
    description: 'how a proxy answers, and what it has done since it started',
    example: 'quorate proxies stats p1',
    run: async ({ client, output, signal }, name) => {
      const proxy = await client.proxyStatistics({ name }, { signal });
      if (proxy === null) throw new FailedError(`There is no proxy "${name}".`);
      output.show(proxy, ({ statistics, windowed }) => {
        if (statistics === null) throw new FailedError(`Proxy "${name}" does not answer.`);
        const { commands, slowLog } = statistics;
        return [
          ...(windowed ? [present(windowed)] : []),
          totals(statistics),
          ...(commands.length > 0 ? [output.table(commands, COMMAND_COLUMNS)] : []),
          ...(slowLog.length > 0 ? [output.table(slowLog, SLOW_COLUMNS)] : []),
        ].join('\n');
      });
    },
  });
}

function present({ windowSeconds, requestsPerSecond, errorsPerSecond, latency }: Windowed): string {
  const errors = errorsPerSecond.map(({ kind, perSecond }) => `${kind} ${decimal(perSecond)}/s`);
  return fields([
    ['Over the last', `${decimal(windowSeconds)} s`],
    ['Requests', `${decimal(requestsPerSecond)}/s`],
    ['Errors', errors.join(', ') || 'none'],
    ...latency.percentiles.map(({ of, valueMs }): [string, string] => [
      `p${of}`,
      valueMs === null ? '-' : `${decimal(valueMs)} ms`,
    ]),
  ]);
}

function totals(statistics: Statistics): string {
  return fields([
    ['Clients so far', statistics.sessionsTotal],
    ['Turned away', statistics.sessionsRefused],
    ['Held', statistics.heldSessions],
    ['In flight', statistics.inFlight],
    ['Connections to servers', statistics.serverConnections],
    ['Errors of its own', statistics.proxyErrors],
    ['Errors of servers', statistics.serverErrors],
  ]);
}

function setState(): Command {
  return leaf<[string, ProxyState]>({
    name: 'set-state <name> <state>',
    description: 'online: serve; offline: stop serving; fenced: cut it off from every server',
    example: 'quorate proxies set-state p1 offline',
    parse: [String, constant],
    asks: true,
    run: async ({ client, output, signal, confirm }, name, state) => {
      if (state === 'FENCED') await confirm(`This cuts proxy ${name} off from every server.`, name);
      const payload = await client.setProxyState({ input: { name, state } }, { signal });
      output.show(payload, ({ proxy }) => output.table(proxy ? [proxy] : [], PROXY_COLUMNS));
    },
  });
}

function remove(): Command {
  return leaf<[string], { force?: boolean; acceptDataLoss?: boolean }>({
    name: 'remove <name>',
    description: 'forget a proxy',
    example: 'quorate proxies remove p1',
    options: [
      option('--force', 'fence it first, whether it answers or not'),
      option('--accept-data-loss', 'with --force: leave out servers that cannot be asked'),
    ],
    asks: true,
    run: async ({ client, options, output, signal, confirm }, name) => {
      await confirm(`This removes proxy ${name}.`, name);
      const payload = await client.removeProxy(
        { input: { name, force: options.force === true, acceptDataLoss: options.acceptDataLoss === true } },
        { signal },
      );
      output.show(payload, () => `Removed proxy ${name}.\n`);
    },
  });
}
