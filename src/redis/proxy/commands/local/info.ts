import { bulk } from '../../resp/encode.js';
import type { RequestSession } from '../../session/request-session.js';

/** The release whose commands and replies clients may expect. */
export const REDIS_VERSION = '7.0.15';

type Fields = readonly (readonly [string, string | number | bigint])[];

const ALL = new Set(['all', 'default', 'everything']);

/** INFO about the proxy itself, in the form that clients of Redis parse. */
export function info(session: RequestSession, args: readonly Buffer[]): void {
  const asked = new Set(args.slice(1).map((arg) => arg.toString('latin1').toLowerCase()));
  const wantsAll = asked.size === 0 || [...asked].some((name) => ALL.has(name));
  const sections = Object.entries(SECTIONS).filter(([name]) => wantsAll || asked.has(name.toLowerCase()));
  const texts = sections.map(([name, fields]) => {
    const lines = fields(session).map(([field, value]) => `${field}:${value}\r\n`);
    return `# ${name}\r\n${lines.join('')}`;
  });
  session.replies.answer(bulk(texts.join('\r\n')));
}

const SECTIONS: Readonly<Record<string, (session: RequestSession) => Fields>> = {
  Server: ({ socket }) => [
    ['redis_version', REDIS_VERSION],
    ['redis_mode', 'standalone'],
    ['arch_bits', 64],
    ['process_id', process.pid],
    ['tcp_port', socket.localPort ?? 0],
    ['uptime_in_seconds', Math.floor(process.uptime())],
  ],
  Clients: ({ context }) => [
    ['connected_clients', context.counters.sessions],
    ['maxclients', context.limits.maxClients],
    ['blocked_clients', context.counters.heldSessions],
  ],
  Memory: () => [['used_memory', process.memoryUsage.rss()]],
  // Clients wait for a server that is still loading; a proxy never is.
  Persistence: () => [['loading', 0]],
  Stats: ({ context }) => [
    ['total_connections_received', context.counters.sessionsTotal],
    ['rejected_connections', context.counters.sessionsRefused],
    ['total_commands_processed', context.counters.operations],
    ['total_error_replies', context.counters.proxyErrors + context.counters.serverErrors],
  ],
  Replication: () => [['role', 'master']],
  CPU: () => {
    const { user, system } = process.cpuUsage();
    return [
      ['used_cpu_sys', seconds(system)],
      ['used_cpu_user', seconds(user)],
      // A proxy has no children that save for it.
      ['used_cpu_sys_children', seconds(0)],
      ['used_cpu_user_children', seconds(0)],
    ];
  },
  Cluster: () => [['cluster_enabled', 0]],
  // Keys are the servers' business: none is counted here.
  Keyspace: () => [],
  Quorate: ({ context }) => [
    ['proxy_name', context.options.name],
    ['proxy_incarnation', context.options.incarnation],
    ['routing_revision_applied', context.gate.acknowledged],
    ['requests_in_flight', context.gate.totalInFlight],
    ['slots_waiting', context.gate.waitingSlots.size],
    ['errors_by_proxy', context.counters.proxyErrors],
    ['errors_by_servers', context.counters.serverErrors],
  ],
};

function seconds(microseconds: number): string {
  return (microseconds / 1_000_000).toFixed(6);
}
