import type { Command } from 'commander';
import type { BinlogServer } from '../../sdk/index.js';
import { group, idempotencyKeyOption, leaf, option, type Repeatable } from './leaf.js';
import { password, type PasswordOptions } from './secret.js';
import type { Column } from './table.js';
import { tlsInput, tlsOptions, type TlsOptions } from './tls.js';

const COLUMNS: readonly Column<BinlogServer>[] = [
  { head: 'NAME', cell: ({ name }) => name },
  { head: 'MEMBER', cell: ({ member, onEveryMember }) => (onEveryMember ? 'every' : member.name) },
  { head: 'ADDRESS', cell: ({ address }) => address },
  { head: 'STATE', cell: ({ state }) => state },
  { head: 'SLAVES', cell: ({ slaves }) => slaves.length, right: true },
  { head: 'TLS', cell: ({ tls }) => tls },
  { head: 'FILE', cell: ({ lastBinlogFile }) => lastBinlogFile },
  { head: 'REASON', cell: ({ stateReason }) => stateReason },
];

interface StartOptions extends PasswordOptions, Repeatable, TlsOptions {
  readonly address: string;
  readonly user: string;
  readonly member?: string;
}

export function binlogServersCommand(): Command {
  const commands = [listServers(), start(), stop(), remove()];
  return group('binlog-servers', 'listeners that replicas attach to', commands, 'list');
}

function listServers(): Command {
  return leaf({
    name: 'list',
    description: 'all binlog servers',
    example: 'quorate binlog-servers',
    run: async ({ client, output, signal }) =>
      output.rows(await client.binlogServers({}, { signal }), COLUMNS),
  });
}

function start(): Command {
  return leaf<[string], StartOptions>({
    name: 'start <name>',
    description: 'let replicas attach',
    example: 'quorate binlog-servers start main --address 0.0.0.0:3310 --user repl --password-file repl.pw',
    options: [
      option('--address <address>', 'HOST:PORT to listen at').makeOptionMandatory(),
      option('--user <name>', 'whom replicas log in as').makeOptionMandatory(),
      option(
        '--password-file <file>',
        'holds their password; else QUORATE_PASSWORD is taken, or it is asked for',
      ),
      option('--member <name>', 'where it runs; on every member unless told'),
      ...tlsOptions(),
      idempotencyKeyOption(),
    ],
    run: async ({ client, options, output, signal }, name) => {
      const { address, user, member, idempotencyKey } = options;
      const secret = await password(options, `the user ${user}`, signal);
      const input = { name, address, user, member, password: secret, tls: tlsInput(options), idempotencyKey };
      const payload = await client.startBinlogServer({ input }, { signal });
      output.show(payload, ({ binlogServer }) => output.table(binlogServer ? [binlogServer] : [], COLUMNS));
    },
  });
}

function stop(): Command {
  return leaf<[string]>({
    name: 'stop <name>',
    description: 'let nobody attach any more',
    example: 'quorate binlog-servers stop main',
    run: async ({ client, output, signal }, name) => {
      const payload = await client.stopBinlogServer({ input: { name } }, { signal });
      output.show(payload, ({ binlogServer }) => output.table(binlogServer ? [binlogServer] : [], COLUMNS));
    },
  });
}

function remove(): Command {
  return leaf<[string]>({
    name: 'remove <name>',
    description: 'forget a binlog server with its settings',
    example: 'quorate binlog-servers remove main',
    asks: true,
    run: async ({ client, output, signal, confirm }, name) => {
      await confirm(`This removes binlog server ${name} with its settings.`, name);
      const payload = await client.removeBinlogServer({ input: { name } }, { signal });
      output.show(payload, () => `Removed binlog server ${name}.\n`);
    },
  });
}
