import type { Command } from 'commander';
import type { Flavour, Syncer } from '../../sdk/index.js';
import { bytes, decimal } from './format.js';
import { group, idempotencyKeyOption, leaf, option, type Repeatable } from './leaf.js';
import { constant, wholeNumberText } from './parsers.js';
import { givenPassword, password, type PasswordOptions } from './secret.js';
import { fields } from './table.js';
import { tlsInput, tlsOptions, type TlsOptions } from './tls.js';

interface StartOptions extends PasswordOptions, Repeatable, TlsOptions {
  readonly serverId: string;
  readonly serverUuid: string;
  readonly source: string;
  readonly user: string;
  readonly semiSync?: boolean;
  readonly flavour?: Flavour;
  readonly startAfter?: string;
}

interface SwitchOptions extends PasswordOptions, TlsOptions {
  readonly user?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

const passwordFile = 'holds the password; else QUORATE_PASSWORD is taken, or it is asked for';

export function syncerCommand(): Command {
  return group(
    'syncer',
    'the connection to the source of the binlog',
    [status(), start(), stop(), switchSource(), skip()],
    'status',
  );
}

export function syncerText(syncer: Syncer): string {
  return fields([
    ['State', syncer.stateReason === null ? syncer.state : `${syncer.state}: ${syncer.stateReason}`],
    ['Source', syncer.sourceAddress],
    ['User', syncer.user],
    ['Version', syncer.sourceVersion],
    ['Server id', syncer.serverId],
    ['Semi-sync', `${syncer.semiSync ? 'wanted' : 'off'}${syncer.semiSyncActive ? ', active' : ''}`],
    ['Behind', syncer.secondsBehindSource === null ? null : `${decimal(syncer.secondsBehindSource)} s`],
    ['Events/s', decimal(syncer.eventsPerSecond)],
    ['Bytes/s', bytes(syncer.bytesPerSecond === null ? null : Math.round(syncer.bytesPerSecond))],
    ['Connected at', syncer.connectedAt],
    ['Reconnects', syncer.reconnects],
    ['Binlog file', syncer.lastBinlogFile],
    ['Position', syncer.lastFilePosition],
    ['Executed GTIDs', syncer.executedGtidSet],
    ['Purged GTIDs', syncer.purgedGtidSet],
  ]);
}

function status(): Command {
  return leaf({
    name: 'status',
    description: 'how it is',
    example: 'quorate syncer',
    run: async ({ client, output, signal }) => output.show(await client.syncer({}, { signal }), syncerText),
  });
}

function start(): Command {
  return leaf<[], StartOptions>({
    name: 'start',
    description: 'follow a source',
    example:
      'quorate syncer start --server-id 100 --server-uuid "$(uuidgen)" --source 10.0.0.5:3306 --user repl --password-file repl.pw',
    options: [
      option('--server-id <number>', 'our server_id', wholeNumberText).makeOptionMandatory(),
      option('--server-uuid <uuid>', 'our server_uuid').makeOptionMandatory(),
      option('--source <address>', 'HOST:PORT of the source').makeOptionMandatory(),
      option('--user <name>', 'an account there with REPLICATION SLAVE').makeOptionMandatory(),
      option('--password-file <file>', passwordFile),
      option('--semi-sync', 'let the source wait until its transactions are committed here'),
      option('--flavour <flavour>', 'refused unless the source is of it: mysql or mariadb', constant),
      option('--start-after <gtids>', 'an empty journal begins after these transactions'),
      ...tlsOptions(),
      idempotencyKeyOption(),
    ],
    run: async ({ client, options, output, signal }) => {
      const {
        serverId,
        serverUuid,
        source,
        user,
        semiSync = false,
        flavour,
        startAfter,
        idempotencyKey,
      } = options;
      const secret = await password(options, `${user} at ${source}`, signal);
      const payload = await client.startSyncer(
        {
          input: {
            ...{ serverId, serverUuid, sourceAddress: source, user, password: secret, semiSync, flavour },
            ...{ startAfterGtidSet: startAfter, tls: tlsInput(options), idempotencyKey },
          },
        },
        { signal },
      );
      output.show(payload, ({ syncer }) => (syncer ? syncerText(syncer) : ''));
    },
  });
}

function stop(): Command {
  return leaf<[], { forget?: boolean }>({
    name: 'stop',
    description: 'end the connection to the source; the journal is served on',
    example: 'quorate syncer stop',
    options: [option('--forget', 'also delete its settings, password and key included')],
    asks: true,
    run: async ({ client, options, output, signal, confirm }) => {
      if (options.forget) await confirm('This deletes the settings of the syncer.', 'forget');
      const payload = await client.stopSyncer({ input: { forget: options.forget === true } }, { signal });
      output.show(payload, ({ syncer }) => (syncer ? syncerText(syncer) : 'Stopped.\n'));
    },
  });
}

function skip(): Command {
  return leaf<[string], { dryRun?: boolean }>({
    name: 'skip <transaction>',
    description: 'pass over a transaction, by its GTID, or by FILE:POSITION when it has none',
    example: 'quorate syncer skip binlog.000007:4711',
    options: [option('--dry-run', 'only say what would become of it')],
    asks: true,
    run: async ({ client, options, output, signal, confirm }, transaction) => {
      const isPosition = /^[^:]+\.\d+:\d+$/.test(transaction);
      const input = isPosition ? { position: transaction } : { gtid: transaction };
      const plan = await client.skipTransaction({ input: { ...input, dryRun: true } }, { signal });
      if (options.dryRun) return output.show(plan, ({ consequence }) => `${consequence}\n`);
      await confirm(plan.consequence ?? '', transaction);
      const done = await client.skipTransaction({ input: { ...input, dryRun: false } }, { signal });
      output.show(done, ({ syncer }) => (syncer ? syncerText(syncer) : ''));
    },
  });
}

function switchSource(): Command {
  return leaf<[string], SwitchOptions>({
    name: 'switch-source <address>',
    description: 'follow another source with the same history',
    example: 'quorate syncer switch-source 10.0.0.6:3306 --dry-run',
    options: [
      option('--user <name>', 'an account there; the present one unless told'),
      option(
        '--password-file <file>',
        'holds its password; else QUORATE_PASSWORD, else the present one is taken',
      ),
      option('--force', 'also to a MySQL source that lacks transactions which the journal has'),
      option('--dry-run', 'only try it, and say what would be refused'),
      ...tlsOptions(),
    ],
    asks: true,
    run: async ({ client, options, output, signal, confirm }, sourceAddress) => {
      const { user, force = false, dryRun = false } = options;
      if (force && !dryRun) {
        await confirm('Transactions that the new source lacks stay in the journal alone.', sourceAddress);
      }
      const input = {
        sourceAddress,
        user,
        password: givenPassword(options),
        tls: tlsInput(options),
        force,
        dryRun,
      };
      const payload = await client.switchSource({ input }, { signal });
      output.show(payload, ({ syncer }) =>
        dryRun ? 'It would not be refused.\n' : syncer ? syncerText(syncer) : '',
      );
    },
  });
}
