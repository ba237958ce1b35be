import type { Operations } from '../../cluster/operations.js';
import {
  finding,
  type Consequence,
  type Finding,
  type FindingDraft,
} from '../../cluster/problems/finding.js';
import { SLOT_COUNT } from '../slots.js';
import type { ErrorCounts } from '../error-kinds.js';
import type { ServerFault, ServerMonitor } from './monitor.js';
import type { ProxyMonitor } from './proxy-monitor.js';
import { topologyCollections as collections, type GroupRecord, type ServerRecord } from './records.js';
import type { Topology } from './topology.js';

/** How long a new process may take to be asked for the first time, in milliseconds. */
const GRACE_MS = 3_000;

/** Problems of the sharded Redis, as far as this member sees it. */
export function redisFindings(
  topology: Topology,
  monitor: ServerMonitor,
  proxyMonitor: ProxyMonitor,
  operations: Operations,
): Finding[] {
  return [
    ...serverFindings(topology, monitor, proxyMonitor.refusals()),
    ...slotFindings(topology),
    ...foreignKeyFindings(topology),
    ...proxyFindings(topology),
    ...operationFindings(operations),
  ];
}

/** What clients were answered counts as well as what this member sees: a server may refuse some commands, or some proxies. */
function serverFindings(
  topology: Topology,
  monitor: ServerMonitor,
  refusals: ReadonlyMap<string, ErrorCounts>,
): Finding[] {
  return topology.groups().flatMap(({ value: group }) =>
    group.servers.flatMap((server) => {
      const fault = monitor.status(server.address).fault ?? refusalFault(refusals.get(server.address));
      if (fault === null) return [];
      const slots = topology.slotCount(group.number);
      return [
        server.type === 'MASTER'
          ? masterFinding(group, server, fault, slots)
          : replicaFinding(group, server, fault),
      ];
    }),
  );
}

function refusalFault(counts: ErrorCounts | undefined): ServerFault | null {
  if (counts === undefined) return null;
  const kinds = Object.entries(counts).map(([kind, count]) => `${count} requests with ${kind}`);
  return {
    code: 'SERVER_REFUSES',
    message: `It answered ${kinds.join(', ')} in the last 10 s, as the proxies saw it.`,
  };
}

/** Slots of a master that answers with errors are counted as not served: nobody knows which of its requests fail. */
function masterFinding(group: GroupRecord, server: ServerRecord, fault: ServerFault, slots: number): Finding {
  const isReadOnly = fault.code === 'MASTER_IS_REPLICA' || fault.message.includes('refuses writes');
  const summary =
    slots === 0
      ? `Group ${group.number} owns no slots: no client is affected.`
      : `${shareOf(slots)} ${isReadOnly ? 'take no writes' : 'are not served'}.`;
  return finding({
    code: fault.code,
    severity: slots > 0 ? 'CRITICAL' : 'WARNING',
    subject: `server/${server.address}`,
    message: `${server.address} is the master of group ${group.number}. ${fault.message}`,
    consequence: {
      summary,
      ...(isReadOnly ? { slotsReadOnly: slots } : { slotsUnserved: slots }),
      redundancyLost: fault.code === 'MASTER_DOWN',
    },
    remedies: remediesOf(fault, group, server),
  });
}

function replicaFinding(group: GroupRecord, server: ServerRecord, fault: ServerFault): Finding {
  return finding({
    code: fault.code,
    severity: 'WARNING',
    subject: `server/${server.address}`,
    message: `${server.address} is a replica of group ${group.number}. ${fault.message}`,
    consequence: {
      summary: `Group ${group.number} has one good replica fewer.`,
      redundancyLost: true,
    },
    remedies: [
      ...remediesOf(fault, group, server),
      {
        title: 'Remove it from its group, if it is not to come back.',
        mutation: 'removeServer',
        variables: { input: { group: group.number, address: server.address } },
      },
    ],
  });
}

const ADVICE: Readonly<Record<ServerFault['code'], string>> = {
  MASTER_DOWN: 'Start the server again, or mend the network to it.',
  MASTER_IS_REPLICA: 'Make it a master again with REPLICAOF NO ONE, once it has all of its master’s data.',
  REPLICA_BROKEN: 'Start the server, and make it follow its group’s master with REPLICAOF.',
  SERVER_REFUSES:
    'Mend what the server’s error names: memory, disk, replicas, clients, permissions or a pause.',
  SERVER_UNFIT: 'Start a server at this address that can serve in a group.',
};

function remediesOf(
  fault: ServerFault,
  group: GroupRecord,
  server: ServerRecord,
): NonNullable<FindingDraft['remedies']> {
  const password = /NOAUTH|WRONGPASS|invalid password/i.test(fault.message);
  return password
    ? [
        {
          title: 'Record the password that the server has now.',
          mutation: 'updateServer',
          variables: { input: { group: group.number, address: server.address } },
        },
      ]
    : [{ title: ADVICE[fault.code] }];
}

/** A cluster that nobody set up yet has slots without a group, too: it is told, and not as an outage. */
function slotFindings(topology: Topology): Finding[] {
  if (!topology.hasSlots()) return [];
  const missing = SLOT_COUNT - topology.assignedSlots();
  if (missing === 0) return [];
  const isServed = topology.activeProxies().some(({ alive }) => alive);
  const consequence: Partial<Consequence> & { summary: string } = {
    summary: 'Requests for keys of these slots are refused.',
    slotsUnserved: missing,
  };
  return [
    finding({
      code: 'SLOTS_UNASSIGNED',
      severity: isServed ? 'CRITICAL' : 'WARNING',
      subject: 'slots',
      message: `${shareOf(missing)} belong to no group.`,
      consequence,
      remedies: [
        { title: 'Give the slots to groups.', mutation: 'assignSlots' },
        { title: 'Spread all slots over the groups there are.', mutation: 'rebalanceSlots' },
      ],
    }),
  ];
}

/** A count of another master than the group has now says nothing of it. */
function foreignKeyFindings(topology: Topology): Finding[] {
  return topology.view
    .list(collections.foreignKeys)
    .flatMap(({ id, value: { server, keys, slots, named } }) => {
      const group = Number(id);
      if (keys === 0 || topology.masterEndpoint(group)?.address !== server) return [];
      const what = `${keys} ${keys === 1 ? 'key' : 'keys'} of ${slots} ${slots === 1 ? 'slot' : 'slots'} (${named})`;
      return [
        finding({
          code: 'FOREIGN_KEYS',
          severity: 'WARNING',
          subject: `group/${group}`,
          message: `${server}, the master of group ${group}, holds ${what} that the group does not own.`,
          consequence: {
            summary:
              'Nobody is served these keys, and they take memory. Slots of which there are any do not move to the group.',
          },
          remedies: [
            {
              title: 'Remove them; with dryRun they are only counted.',
              mutation: 'removeForeignKeys',
              variables: { input: { group } },
            },
            { title: 'Or give the group these slots with their keys.', mutation: 'assignSlots' },
          ],
        }),
      ];
    });
}

function proxyFindings(topology: Topology): Finding[] {
  const proxies = topology.activeProxies();
  const isAnyAlive = proxies.some(({ alive }) => alive);
  const findings: Finding[] = [];
  for (const { record, alive, ack } of proxies) {
    const subject = `proxy/${record.id}`;
    if (!alive) {
      findings.push(
        finding({
          code: 'PROXY_UNREACHABLE',
          severity: isAnyAlive ? 'WARNING' : 'CRITICAL',
          subject,
          message: `Proxy ${record.id} is not in touch with the coordinator; until it is back or removed, no slot can move.`,
          consequence: {
            summary: isAnyAlive
              ? 'Its clients may be cut off, and no slot can move. The other proxies serve all slots.'
              : 'No proxy is in touch: clients may be cut off, and no slot can move.',
            redundancyLost: true,
          },
          remedies: [
            { title: `Start proxy ${record.id} again, or mend its way to the coordinator.` },
            {
              title: 'Remove it: its late commands are fenced off first.',
              mutation: 'removeProxy',
              variables: { input: { name: record.id, force: true } },
            },
          ],
        }),
      );
    } else if (ack?.waitingFor && Date.now() - Date.parse(record.value.startedAt) > GRACE_MS) {
      findings.push(
        finding({
          code: 'PROXY_LAGS',
          severity: 'WARNING',
          subject,
          message: `Proxy ${record.id} lags behind: ${ack.waitingFor}`,
          consequence: { summary: 'No slot can move until it has confirmed the routing.' },
        }),
      );
    }
  }
  return findings;
}

function operationFindings(operations: Operations): Finding[] {
  return operations
    .list(['PAUSED'])
    .filter(({ value }) => value.error !== null)
    .map(({ id, value }) =>
      finding({
        code: 'OPERATION_PAUSED',
        severity: 'WARNING',
        subject: `operation/${id}`,
        message: `${value.title} is paused: ${value.error}`,
        consequence: { summary: 'Its slots rest where they are until somebody decides.' },
        remedies: [
          { title: 'Let it go on.', mutation: 'resumeOperation', variables: { input: { id } } },
          { title: 'Undo it.', mutation: 'cancelOperation', variables: { input: { id } } },
        ],
      }),
    );
}

/** e.g. `341 of 1024 slots (33 %)`. */
function shareOf(slots: number): string {
  return `${slots} of ${SLOT_COUNT} slots (${Math.max(1, Math.round((100 * slots) / SLOT_COUNT))} %)`;
}
