import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { BinlogCluster } from '../../harness/servers/binlog/binlog-cluster.js';
import { REPL } from '../../harness/servers/mysql/accounts.js';
import type { FlavourName, Program } from '../../harness/servers/mysql/flavours/flavour.js';
import { FLAVOUR_NAMES, FLAVOURS, isMissing } from '../../harness/servers/mysql/flavours/flavours.js';
import { binlogDump } from '../../harness/checkers/raw-replica/commands.js';
import { NON_BLOCK, RawReplica } from '../../harness/checkers/raw-replica/raw-replica.js';

const cluster = new BinlogCluster();
const run = promisify(execFile);

afterEach(() => cluster.remove());

/** The port of a store that has a few transactions of such a source. */
async function storePort(flavour: FlavourName): Promise<number> {
  const source = await cluster.server({ flavour });
  await source.query('CREATE DATABASE d');
  const store = await cluster.store();
  await store.follow(source);
  await store.reach(await source.gtidExecuted());
  return store.port;
}

/** What a server's own command-line client is answered, or complains of. */
async function ask([command, ...first]: Program, port: number, password: string): Promise<string> {
  const login = ['--no-defaults', '--host=127.0.0.1', `--port=${port}`, `--user=${REPL.user}`];
  const args = [...first, ...login, `--password=${password}`, '--skip-column-names', '--batch'];
  const asked = run(command, [...args, '--execute=SELECT @@GLOBAL.server_id'], { encoding: 'utf8' });
  return asked.then(
    ({ stdout }) => stdout.trim(),
    (error: unknown) => (error as { stderr: string }).stderr,
  );
}

describe.each(FLAVOUR_NAMES)('a store of %s', (flavour) => {
  describe.skipIf(isMissing(flavour))('is like its source:', () => {
    test.skipIf(isMissing('mysql97'))(
      'it lets clients of MySQL 9 and MariaDB in by the right password, whichever plugin they begin with',
      async () => {
        const port = await storePort(flavour);
        for (const client of [FLAVOURS.mysql97.dump!.load, FLAVOURS.mariadb.dump!.load]) {
          expect(await ask(client, port, REPL.password)).toMatch(/^\d+$/);
          expect(await ask(client, port, 'wrong')).toMatch(/ERROR 1045 .*using password: YES/);
        }
      },
    );

    test('names of files end at a NUL', async () => {
      const source = await cluster.server({ flavour });
      await source.query('CREATE DATABASE d');
      const store = await cluster.store();
      await store.follow(source);
      await store.reach(await source.gtidExecuted());
      const dumped = async (port: number, file: string): Promise<string> => {
        const replica = await RawReplica.connect({ port, flavour });
        try {
          if (flavour === 'mariadb') await replica.query('SET @mariadb_slave_capability=4');
          await replica.query('SET @master_binlog_checksum=@@global.binlog_checksum');
          await replica.query("SET @source_binlog_checksum='CRC32'");
          replica.sendDump(binlogDump(77, NON_BLOCK, { file, offset: 4 }));
          return String(await replica.untilEnd());
        } finally {
          replica.close();
        }
      };
      const [ours, theirs] = [store.journal.segments()[0]!.name, 'binlog.000001'];
      for (const end of ['', '\0', '\0\0\0\0', '\0 and more']) {
        expect(await dumped(source.port, theirs + end)).toBe('eof');
        expect(await dumped(store.port, ours + end)).toBe('eof');
        expect(await dumped(source.port, end === '\0 and more' ? end : `${end}\0`)).toBe('eof');
        expect(await dumped(store.port, end === '\0 and more' ? end : `${end}\0`)).toBe('eof');
      }
      const unknown = 'nosuch.000001\0';
      expect(await dumped(store.port, unknown)).toBe(await dumped(source.port, unknown));
    });
  });
});
