import { X509Certificate } from 'node:crypto';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext, type PeerCertificate, type TLSSocket } from 'node:tls';
import { createConnection, type ConnectionOptions } from 'mysql2/promise';
import { afterEach, describe, expect, test } from 'vitest';
import {
  ownCertificate,
  type CertificateAndKey,
  type OwnCertificateOptions,
} from '../../../src/binlog/member/own-certificate.js';
import { BinlogCluster, expectEqual } from '../../harness/servers/binlog/binlog-cluster.js';
import type { BinlogStore, BinlogStoreOptions } from '../../harness/servers/binlog/binlog-store.js';
import { REPL } from '../../harness/servers/mysql/accounts.js';
import type { FlavourName } from '../../harness/servers/mysql/flavours/flavour.js';
import { isMissing } from '../../harness/servers/mysql/flavours/flavours.js';
import type { MysqlServer } from '../../harness/servers/mysql/server.js';
import { removeTemporaryDirectory, temporaryDirectory } from '../../harness/servers/tmp.js';

const cluster = new BinlogCluster();
const directories: string[] = [];

afterEach(async () => {
  await cluster.remove();
  for (const directory of directories.splice(0)) removeTemporaryDirectory(directory);
});

function options(host = '127.0.0.1'): OwnCertificateOptions {
  const parent = temporaryDirectory('own-certificate');
  directories.push(parent);
  return { directory: join(parent, 'binlog-tls'), name: 'b1', memberName: 'm1', host };
}

async function filled(
  flavour: FlavourName,
  more: BinlogStoreOptions,
): Promise<{ source: MysqlServer; store: BinlogStore }> {
  const source = await cluster.server({ flavour });
  const store = await cluster.store(more);
  await store.follow(source);
  await source.query('CREATE DATABASE d');
  await source.query('CREATE TABLE d.t (id INT PRIMARY KEY, data LONGBLOB)');
  await store.reach(await source.gtidExecuted());
  return { source, store };
}

/** The certificate that the server has shown; null without TLS. */
async function shown(port: number, ssl?: ConnectionOptions['ssl']): Promise<PeerCertificate | null> {
  const connection = await createConnection({ host: '127.0.0.1', port, ...REPL, ...(ssl && { ssl }) });
  try {
    expect(await connection.query('SELECT 1')).toMatchObject([[{ 1: 1 }], expect.anything()]);
    const { stream } = (connection as unknown as { connection: { stream: TLSSocket } }).connection;
    return stream.encrypted ? stream.getPeerCertificate() : null;
  } finally {
    connection.destroy();
  }
}

describe('the certificate that a member makes', () => {
  test('is for its name and its hosts, for ten years, and its key is for nobody else to read', async () => {
    const own = options('db.example');
    const { cert, key } = await ownCertificate(own);
    const read = new X509Certificate(cert);
    expect(read.subject).toBe('CN=m1');
    expect(read.verify(read.publicKey)).toBe(true);
    for (const host of ['localhost', 'db.example']) expect(read.checkHost(host)).toBe(host);
    for (const address of ['127.0.0.1', '::1']) expect(read.checkIP(address)).toBe(address);
    expect(read.checkHost('other.example')).toBeUndefined();
    const years = (Date.parse(read.validTo) - Date.now()) / (365.25 * 24 * 3_600_000);
    expect(Math.round(years)).toBe(10);
    expect(readFileSync(join(own.directory, 'b1.crt'), 'utf8')).toBe(cert);
    expect(readFileSync(join(own.directory, 'b1.key'), 'utf8')).toBe(key);
    expect(statSync(join(own.directory, 'b1.key')).mode & 0o777).toBe(0o600);
  });

  test('stays the same, unless it is damaged, of another key, or not for the host', async () => {
    const own = options();
    const first = await ownCertificate(own);
    const file = join(own.directory, 'b1.key');
    chmodSync(file, 0o644);
    expect(await ownCertificate(own)).toEqual(first);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const other = await ownCertificate({ ...own, name: 'b2' });
    const certificates = new Set([first.cert, other.cert]);
    const isNew = ({ cert }: CertificateAndKey): void => {
      expect(certificates.has(cert)).toBe(false);
      certificates.add(cert);
    };
    writeFileSync(file, other.key);
    isNew(await ownCertificate(own));
    writeFileSync(join(own.directory, 'b1.crt'), '');
    isNew(await ownCertificate(own));
    const elsewhere = await ownCertificate({ ...own, host: '10.0.0.9' });
    isNew(elsewhere);
    expect(await ownCertificate({ ...own, host: '10.0.0.9' })).toEqual(elsewhere);
  });
});

test('clients may use TLS or not, and can be sure of the server by its certificate', async () => {
  const own = await ownCertificate(options());
  const foreign = await ownCertificate(options());
  const { store } = await filled('mariadb', { tls: createSecureContext(own) });
  expect(await shown(store.port)).toBeNull();
  for (const ssl of [{ rejectUnauthorized: false }, { ca: own.cert }])
    expect(await shown(store.port, ssl)).toMatchObject({ subject: { CN: 'm1' } });
  for (const ssl of [{}, { ca: foreign.cert }])
    await expect(shown(store.port, ssl)).rejects.toThrow(/self[- ]signed/);
});

describe.each(['mysql97', 'mariadb'] as const)('a binlog server for %s that demands TLS', (flavour) => {
  describe.skipIf(isMissing(flavour))('by its own certificate', () => {
    test('lets nobody in without, and replicas that trust the certificate replicate', async () => {
      const own = options();
      const tls = createSecureContext(await ownCertificate(own));
      const { source, store } = await filled(flavour, { tls, demandsTls: true });
      await expect(shown(store.port)).rejects.toMatchObject({ errno: 3159, sqlState: 'HY000' });
      expect(await shown(store.port, { rejectUnauthorized: false })).not.toBeNull();

      const replica = await cluster.server({ flavour });
      const caFile = join(own.directory, 'b1.crt');
      await replica.replication.follow({ port: store.port, tls: { caFile } });
      for (let id = 0; id < 100; id++)
        await source.query(`INSERT INTO d.t VALUES (${id}, REPEAT('x', ${id}))`);
      await source.query("INSERT INTO d.t VALUES (300, REPEAT('x', 17000000))");
      await expectEqual(source, store, replica);
    });
  });
});
