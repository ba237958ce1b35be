import type { Argument, Command } from 'commander';
import type { ConnectionState, QuorateClient, Slot } from '../../sdk/index.js';
import { bytes, decimal, duration } from './format.js';
import { leaf, type Session } from './leaf.js';

type Watched = (client: QuorateClient, session: Session<object>) => Promise<void>;

/** What can be watched, and how a value of it is told on one line. */
const KINDS: Readonly<Record<string, Watched>> = {
  actions: watching(
    'watchActions',
    (action) => `${action.revision} ${action.type} ${action.actor}: ${action.description}`,
  ),
  slots: watching('watchSlots', slotsText),
  operations: watching(
    'watchOperations',
    ({ id, state, done, total, unit, etaSeconds, title }) =>
      `${id} ${state} ${done}/${total ?? '?'} ${unit}${etaSeconds === null ? '' : `, ${duration(etaSeconds)} left`}  ${title}`,
  ),
  slaves: watching('watchSlaves', (slaves) =>
    slaves.length === 0
      ? 'no slaves'
      : slaves
          .map(
            (slave) =>
              `${slave.binlogServer.name}/${slave.connectionId} ${slave.address} ${slave.stale ? 'is not heard of' : `lacks ${bytes(slave.lagBytes)}`}`,
          )
          .join(', '),
  ),
  members: watching('watchMembers', ({ name, state, role, isLeader, lag }) =>
    [name, state, role, isLeader ? 'leads' : '', `lacks ${bytes(lag)}`].filter(Boolean).join(' '),
  ),
  cluster: watching(
    'watchCluster',
    ({ health, leader, problems }) =>
      `${health}, leader ${leader?.name ?? 'none'}${problems.map(({ message }) => `; ${message}`).join('')}`,
  ),
  syncer: watching(
    'watchSyncer',
    (syncer) =>
      `${syncer.state} ${syncer.sourceAddress ?? ''} ${decimal(syncer.eventsPerSecond) ?? '-'} events/s`,
  ),
  journal: watching(
    'watchJournal',
    ({ committedOffset, sizeBytes }) => `committed to ${committedOffset ?? '-'}, ${bytes(sizeBytes) ?? '-'}`,
  ),
  'binlog-servers': watching(
    'watchBinlogServers',
    ({ name, address, state, slaves }) => `${name} ${address} ${state}, slaves: ${slaves.length}`,
  ),
  groups: watching(
    'watchGroups',
    ({ number, slotCount, servers }) =>
      `group ${number}, slots: ${slotCount}, servers: ${servers.map(({ address, role, problem }) => `${address} ${problem ?? role}`).join(', ') || 'none'}`,
  ),
  proxies: watching(
    'watchProxies',
    ({ name, address, state, sessions, opsPerSecond }) =>
      `${name} ${address} ${state}, clients: ${sessions ?? '-'}, ${decimal(opsPerSecond) ?? '-'} ops/s`,
  ),
};

export function watchCommand(): Command {
  const command = leaf<[string]>({
    name: 'watch [what]',
    description: 'how something is, then each change, one a line, until Ctrl-C',
    example: 'quorate watch actions --output json',
    run: async (session, what) => {
      session.client.onConnection((state) => tellLoss(session, state));
      try {
        await KINDS[what]?.(session.client, session);
      } catch (error) {
        if (!session.signal.aborted) throw error;
      }
    },
  });
  return withChoices(command);
}

/** A break is told, so that nobody takes silence for calm; what was missed comes afterwards. */
function tellLoss({ output, signal }: Session<object>, state: ConnectionState): void {
  if (state === 'lost' && !signal.aborted) output.say('The connection was lost; it is tried again.');
}

function withChoices(command: Command): Command {
  const [what] = command.registeredArguments as [Argument];
  what.choices(Object.keys(KINDS)).default('actions');
  return command;
}

type WatchMethod = Extract<keyof QuorateClient, `watch${string}`>;
type Value<M extends WatchMethod> =
  ReturnType<QuorateClient[M]> extends AsyncIterableIterator<infer T> ? T : never;

function watching<M extends WatchMethod>(method: M, text: (value: Value<M>) => string): Watched {
  return async (client, { output, signal }) => {
    const values = client[method]({}, { signal }) as AsyncIterableIterator<Value<M>>;
    for await (const value of values) output.line(value, text);
  };
}

/** Neighbours that are alike are told together: at first all 1024 come. */
function slotsText(slots: readonly Slot[]): string {
  const runs: { from: number; to: number; state: string }[] = [];
  for (const slot of slots) {
    const last = runs.at(-1);
    const state = stateOf(slot);
    if (last?.state === state && last.to + 1 === slot.number) last.to = slot.number;
    else runs.push({ from: slot.number, to: slot.number, state });
  }
  return runs.map(({ from, to, state }) => `${from === to ? from : `${from}-${to}`} ${state}`).join(', ');
}

function stateOf({ status, group, targetGroup }: Slot): string {
  return `${status} ${group?.number ?? '-'}${targetGroup ? `>${targetGroup.number}` : ''}`;
}
