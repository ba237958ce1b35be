import type { Command } from 'commander';
import type { Slave } from '../../sdk/index.js';
import { bytes, decimal } from './format.js';
import { group, leaf, option } from './leaf.js';
import { wholeNumberText } from './parsers.js';
import type { Column } from './table.js';

export const SLAVE_COLUMNS: readonly Column<Slave>[] = [
  { head: 'BINLOG SERVER', cell: ({ binlogServer }) => binlogServer.name },
  { head: 'CONNECTION', cell: ({ connectionId }) => connectionId, right: true },
  { head: 'MEMBER', cell: ({ member }) => member.name },
  { head: 'SERVER ID', cell: ({ serverId }) => serverId, right: true },
  { head: 'ADDRESS', cell: ({ hostName, address }) => (hostName ? `${hostName} (${address})` : address) },
  { head: 'LAG', cell: ({ lagBytes, stale }) => (stale ? 'not known' : bytes(lagBytes)), right: true },
  { head: 'SECONDS', cell: ({ lagSeconds }) => decimal(lagSeconds), right: true },
  {
    head: 'EVENTS/S',
    cell: ({ eventsPerSecond, stale }) => (stale ? null : decimal(eventsPerSecond)),
    right: true,
  },
  { head: 'GTID', cell: ({ currentGtid }) => currentGtid },
];

export function slavesCommand(): Command {
  return group('slaves', 'replicas that are sent the binlog', [listSlaves(), disconnect()], 'list');
}

function listSlaves(): Command {
  return leaf<[], { binlogServer?: string }>({
    name: 'list',
    description: 'who is attached, at all members',
    example: 'quorate slaves --binlog-server main',
    options: [option('--binlog-server <name>', 'only those of this one')],
    run: async ({ client, options, output, signal }) => {
      const { binlogServer } = options;
      output.rows(await client.slaves({ binlogServer }, { signal }), SLAVE_COLUMNS);
    },
  });
}

function disconnect(): Command {
  return leaf<[string, string], { member?: string }>({
    name: 'disconnect <binlog-server> <connection>',
    description: 'end the connection of a slave; it may come again',
    example: 'quorate slaves disconnect main 7',
    parse: [String, wholeNumberText],
    options: [option('--member <name>', 'where it is attached, when several members have that connection')],
    run: async ({ client, options, output, signal }, binlogServer, connectionId) => {
      const input = { binlogServer, connectionId, member: options.member };
      const payload = await client.disconnectSlave({ input }, { signal });
      output.show(payload, () => `Disconnected slave ${connectionId} of ${binlogServer}.\n`);
    },
  });
}
