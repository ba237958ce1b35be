import type { Command } from 'commander';
import type { Group, Server } from '../../sdk/index.js';
import { bytes, decimal } from './format.js';
import { followOperation } from './progress.js';
import { group, idempotencyKeyOption, leaf, option, type Repeatable } from './leaf.js';
import { onOff, wholeNumber } from './parsers.js';
import { givenPassword, type PasswordOptions } from './secret.js';
import type { Column } from './table.js';

interface Row {
  readonly group: Group;
  /** Null in an empty group. */
  readonly server: Server | null;
  readonly isFirst: boolean;
}

const COLUMNS: readonly Column<Row>[] = [
  { head: 'GROUP', cell: ({ group }) => group.number, right: true },
  { head: 'SLOTS', cell: ({ group, isFirst }) => (isFirst ? group.slotCount : ''), right: true },
  { head: 'SERVER', cell: ({ server }) => server?.address },
  { head: 'ROLE', cell: ({ server }) => server?.role },
  { head: 'READS', cell: ({ server }) => server?.replicaReads },
  {
    head: 'VERSION',
    cell: ({ server }) => server && [server.engine, server.version].filter(Boolean).join(' '),
  },
  { head: 'KEYS', cell: ({ server }) => server?.keys, right: true },
  { head: 'MEMORY', cell: ({ server }) => bytes(server?.usedMemory), right: true },
  { head: 'OPS/S', cell: ({ server }) => decimal(server?.opsPerSecond), right: true },
  {
    head: 'PROBLEM',
    // A server that cannot be reached has one; a server that was just added has not been looked at yet.
    cell: ({ server }) => server?.problem,
  },
];

interface Waits {
  readonly wait: boolean;
  readonly force?: boolean;
}

const noWait = () => option('--no-wait', 'do not follow it to its end');

export function groupsCommand(): Command {
  const commands = [listGroups(), create(), remove(), addServer(), updateServer(), removeServer()];
  commands.push(replicaReads(), removeForeignKeys(), promote(), resync(), autoFailover());
  return group('groups', 'groups of Redis servers', commands, 'list');
}

function rowsOf(groups: readonly Group[]): readonly Row[] {
  return groups.flatMap((group): Row[] =>
    group.servers.length === 0
      ? [{ group, server: null, isFirst: true }]
      : group.servers.map((server, i) => ({ group, server, isFirst: i === 0 })),
  );
}

function listGroups(): Command {
  return leaf({
    name: 'list',
    description: 'all groups with their servers',
    example: 'quorate groups',
    run: async ({ client, output, signal }) =>
      output.show(await client.groups({}, { signal }), (groups) => output.table(rowsOf(groups), COLUMNS)),
  });
}

function create(): Command {
  return leaf<[number]>({
    name: 'create <number>',
    description: 'make an empty group',
    example: 'quorate groups create 3',
    parse: [wholeNumber],
    run: async ({ client, output, signal }, number) =>
      output.show(
        await client.createGroup({ input: { number } }, { signal }),
        () => `Created group ${number}.\n`,
      ),
  });
}

function remove(): Command {
  return leaf<[number]>({
    name: 'remove <number>',
    description: 'remove a group that has no slots',
    example: 'quorate groups remove 3',
    parse: [wholeNumber],
    asks: true,
    run: async ({ client, output, signal, confirm }, number) => {
      await confirm(`This removes group ${number}.`, String(number));
      output.show(
        await client.removeGroup({ input: { number } }, { signal }),
        () => `Removed group ${number}.\n`,
      );
    },
  });
}

function addServer(): Command {
  return leaf<[number, string], PasswordOptions & Repeatable & { dataCenter?: string }>({
    name: 'add-server <group> <address>',
    description: 'take a Redis server into a group; the first becomes the master',
    example: 'quorate groups add-server 1 127.0.0.1:6379 --password-file redis.pw',
    parse: [wholeNumber],
    options: [
      option('--password-file <file>', 'holds what it asks for; else QUORATE_PASSWORD is taken'),
      option('--data-center <name>', 'where it stands'),
      idempotencyKeyOption(),
    ],
    run: async ({ client, options, output, signal }, number, address) => {
      const input = {
        idempotencyKey: options.idempotencyKey,
        group: number,
        address,
        password: givenPassword(options),
        dataCenter: options.dataCenter,
      };
      const payload = await client.addServer({ input }, { signal });
      output.show(payload, ({ group }) => output.table(rowsOf(group ? [group] : []), COLUMNS));
    },
  });
}

function updateServer(): Command {
  return leaf<
    [number, string],
    PasswordOptions & { newAddress?: string; password?: boolean; dataCenter?: string; dryRun?: boolean }
  >({
    name: 'update-server <group> <address>',
    description: 'record the address or the password that a server has now, or where it stands',
    example: 'quorate groups update-server 1 127.0.0.1:6379 --password-file redis.pw',
    parse: [wholeNumber],
    options: [
      option('--new-address <address>', 'where it is reached from now on, with the data that it has'),
      option('--password-file <file>', 'holds what it asks for; else QUORATE_PASSWORD is taken'),
      option('--no-password', 'it asks for none any more'),
      option('--data-center <name>', 'where it stands'),
      option('--dry-run', 'only try whether it takes the password, and is at the new address'),
    ],
    run: async ({ client, options, output, signal }, number, address) => {
      const { dryRun = false, dataCenter, newAddress } = options;
      const given = options.password === false ? { password: null } : withPassword(givenPassword(options));
      const input = { group: number, address, newAddress, ...given, dataCenter, dryRun };
      const payload = await client.updateServer({ input }, { signal });
      output.show(payload, () =>
        dryRun ? `${newAddress ?? address} can be used.\n` : `Changed what is recorded of ${address}.\n`,
      );
    },
  });
}

function withPassword(password: string | undefined): { password?: string } {
  return password === undefined ? {} : { password };
}

function removeServer(): Command {
  return leaf<[number, string], { force?: boolean }>({
    name: 'remove-server <group> <address>',
    description: 'take a server out of its group; it keeps running as it is',
    example: 'quorate groups remove-server 1 127.0.0.1:6379',
    parse: [wholeNumber],
    options: [option('--force', 'also the master of other servers')],
    asks: true,
    run: async ({ client, options, output, signal, confirm }, number, address) => {
      await confirm(`This takes ${address} out of group ${number}.`, address);
      const input = { group: number, address, force: options.force === true };
      output.show(
        await client.removeServer({ input }, { signal }),
        () => `Removed ${address} from group ${number}.\n`,
      );
    },
  });
}

function replicaReads(): Command {
  return leaf<[number, boolean], { server?: string }>({
    name: 'replica-reads <group> <on|off>',
    description: 'whether replicas answer reads; what they answer may be old',
    example: 'quorate groups replica-reads 1 on',
    parse: [wholeNumber, onOff],
    options: [option('--server <address>', 'only this one')],
    run: async ({ client, options, output, signal }, number, enabled) => {
      const input = { group: number, enabled, address: options.server };
      const payload = await client.setReplicaReads({ input }, { signal });
      output.show(payload, ({ group }) => output.table(rowsOf(group ? [group] : []), COLUMNS));
    },
  });
}

function removeForeignKeys(): Command {
  return leaf<[number], { dryRun?: boolean }>({
    name: 'remove-foreign-keys <group>',
    description: 'remove keys of slots that the group does not own',
    example: 'quorate groups remove-foreign-keys 1 --dry-run',
    parse: [wholeNumber],
    options: [option('--dry-run', 'only say how many there are')],
    asks: true,
    run: async ({ client, options, output, signal, confirm }, number) => {
      const { dryRun = false } = options;
      if (!dryRun) await confirm('Keys that nobody is served are removed for good.', String(number));
      const payload = await client.removeForeignKeys({ input: { group: number, dryRun } }, { signal });
      output.show(
        payload,
        ({ keys, slots }) => `${dryRun ? 'Found' : 'Removed'} ${keys ?? 0} keys of ${slots.length} slots.\n`,
      );
    },
  });
}

function promote(): Command {
  return leaf<[number, string], Waits>({
    name: 'promote <group> <address>',
    description: 'make a replica the master of its group',
    example: 'quorate groups promote 1 127.0.0.1:6380',
    parse: [wholeNumber],
    options: [option('--force', 'even when it lacks changes of the master'), noWait()],
    asks: true,
    run: async ({ client, options, output, signal, confirm }, number, address) => {
      const { force = false, wait } = options;
      if (force) await confirm(`Changes of the master that ${address} lacks are lost.`, address);
      const payload = await client.promoteServer({ input: { group: number, address, force } }, { signal });
      output.show(payload, ({ operation }) => `${operation?.title ?? 'Nothing to do'}\n`);
      if (wait && payload.operation) await followOperation(client, payload.operation, output, signal);
    },
  });
}

function resync(): Command {
  return leaf<[number], Waits>({
    name: 'resync <group>',
    description: "point a group's replicas at its master",
    example: 'quorate groups resync 1',
    parse: [wholeNumber],
    options: [noWait()],
    run: async ({ client, options, output, signal }, number) => {
      const payload = await client.resyncGroup({ input: { group: number } }, { signal });
      output.show(payload, ({ operation }) => `${operation?.title ?? 'Nothing to do'}\n`);
      if (options.wait && payload.operation) await followOperation(client, payload.operation, output, signal);
    },
  });
}

function autoFailover(): Command {
  return leaf<[number, boolean]>({
    name: 'auto-failover <group> <on|off>',
    description: 'whether a replica takes over by itself when the master is down',
    example: 'quorate groups auto-failover 1 on',
    parse: [wholeNumber, onOff],
    run: async ({ client, output, signal }, number, enabled) => {
      const payload = await client.setAutoFailover({ input: { group: number, enabled } }, { signal });
      output.show(payload, () => `Automatic failover of group ${number} is ${enabled ? 'on' : 'off'}.\n`);
    },
  });
}
