import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer, Payload } from '../../../harness/generated/answers.js';
import { slaveAccount, SLAVE_PASSWORD, sourceInput } from '../../../harness/servers/binlog/binlog-api.js';
import { createCertificates } from '../../../harness/servers/certificates.js';
import type { MysqlServer } from '../../../harness/servers/mysql/server.js';
import { ServerSet } from '../../../harness/servers/mysql/server-set.js';
import { freePort } from '../../../harness/servers/ports.js';
import { launchQuorate, QuorateMember, type GraphqlAnswer } from '../../../harness/servers/quorate.js';
import { temporaryDirectory } from '../../../harness/servers/tmp.js';

const SOURCE_PASSWORD = 'source-secret-5fb2';
const ROLES = ['VIEWER', 'OPERATOR', 'ADMIN'] as const;
type Role = (typeof ROLES)[number];

const tokensFile = join(temporaryDirectory('tokens'), 'tokens.yaml');
const tokens = new Map<Role, string>();
const servers = new ServerSet();
let source: MysqlServer;
let member: QuorateMember;
let port: number;

beforeAll(async () => {
  for (const role of ROLES) {
    const words = ['token', 'create', '--name', role.toLowerCase(), '--role', role, '--tokens', tokensFile];
    const command = launchQuorate(words);
    expect(await command.exited).toBe(0);
    tokens.set(
      role,
      command.output.split('\n').find((line) => line.startsWith('qt_'))!,
    );
  }
  source = await servers.start({ flavour: 'mysql56' });
  await source.query(`CREATE USER 'follower'@'%' IDENTIFIED BY '${SOURCE_PASSWORD}'`);
  await source.query(`GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO 'follower'@'%'`);
  member = await QuorateMember.start({ args: ['--tokens', tokensFile, '--log-level', 'trace'] });
  port = await freePort();
});
afterAll(async () => {
  await member?.stop();
  await servers.remove();
});

type Asked = GraphqlAnswer<Answer & { readonly payload: Payload }>;

async function ask(role: Role, query: string, variables: Record<string, unknown> = {}): Promise<Asked> {
  const answer = await fetch(`${member.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${tokens.get(role)}` },
    body: JSON.stringify({ query, variables }),
  });
  return (await answer.json()) as Asked;
}

const FORBIDDEN = { errors: [{ extensions: { code: 'FORBIDDEN' } }] };

describe('who may do what in the binlog half', () => {
  const mutations = [
    'startSyncer(input: { serverId: 1, serverUuid: "x", sourceAddress: "x", user: "x", password: "x" }) { revision }',
    'stopSyncer { revision }',
    'switchSource(input: { sourceAddress: "x" }) { revision }',
    'startBinlogServer(input: { name: "-", address: "x", user: "x", password: "x" }) { revision }',
    'stopBinlogServer(input: { name: "-" }) { revision }',
    'removeBinlogServer(input: { name: "-" }) { revision }',
    'disconnectSlave(input: { binlogServer: "-", connectionId: 1 }) { revision }',
    'purgeJournal(input: { keepBytes: 1 }) { revision }',
  ];

  test.each(mutations)('a viewer may not %s, an operator may', async (mutation) => {
    expect(await ask('VIEWER', `mutation { ${mutation} }`)).toMatchObject(FORBIDDEN);
    expect((await ask('OPERATOR', `mutation { ${mutation} }`)).errors).toBeUndefined();
  });

  test.each([
    'switchSource(input: { sourceAddress: "x", force: true }) { revision }',
    'purgeJournal(input: { keepBytes: 1, force: true }) { revision }',
  ])('only an admin may %s', async (mutation) => {
    expect(await ask('OPERATOR', `mutation { ${mutation} }`)).toMatchObject(FORBIDDEN);
    expect((await ask('ADMIN', `mutation { ${mutation} }`)).errors).toBeUndefined();
  });

  test('a viewer reads everything', async () => {
    const { errors } = await ask(
      'VIEWER',
      '{ syncer { state } journal { term segments { name } } binlogServers { name } binlogServer(name: "b") { name } slaves { id } }',
    );
    expect(errors).toBeUndefined();
  });
});

describe('secrets of the binlog half', () => {
  test('are in no answer, no action, no log and no file of the coordinator', async () => {
    const { key, cert, ca } = createCertificates(temporaryDirectory('certificates'), 'secrets');
    const account = { user: 'follower', password: SOURCE_PASSWORD };
    const tls = { mode: 'PREFERRED', ca: String(ca), cert: String(cert), key: String(key) };
    const answers = [
      await ask(
        'ADMIN',
        `mutation ($input: StartSyncerInput!) { payload: startSyncer(input: $input) {
           userErrors { message } revision syncer { state stateReason sourceAddress user passwordSet } } }`,
        { input: sourceInput(source, { ...account, tls: { ...tls, mode: 'DISABLED' } }) },
      ),
      await ask(
        'ADMIN',
        `mutation ($input: StartBinlogServerInput!) { payload: startBinlogServer(input: $input) {
           userErrors { message } revision binlogServer { state stateReason user passwordSet tls } } }`,
        { input: { ...slaveAccount('b1', port), tls } },
      ),
    ];
    for (const { data } of answers) {
      expect(data!.payload.userErrors).toEqual([]);
      expect(data!.payload.revision).not.toBeNull();
    }
    answers.push(await ask('ADMIN', '{ actions(first: 500) { nodes { description target actor } } }'));
    // A login that fails puts the password into what the other side is told, and what we hear of it.
    await source.query(`SET PASSWORD FOR 'follower'@'%' = PASSWORD('another')`);
    answers.push(
      await ask(
        'ADMIN',
        `mutation { switchSource(input: { sourceAddress: "${source.address}" }) { userErrors { code message } } }`,
      ),
    );
    expect(answers.at(-1)!.data!.switchSource.userErrors).toMatchObject([{ code: 'SOURCE_REFUSED' }]);
    const log = member.process.output;
    expect(log).toContain('A binlog server listens');
    await member.stop();
    const files = [...stored(join(member.dataDir, 'coordinator'))];
    expect(files.join('')).toContain('sealedPassword');
    const everything = [JSON.stringify(answers), log, ...files].join('\n');
    const inKey = String(key).split('\n')[1]!;
    for (const secret of [SOURCE_PASSWORD, SLAVE_PASSWORD, inKey]) expect(everything).not.toContain(secret);
  });
});

function* stored(directory: string): Generator<string> {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* stored(path);
    else yield readFileSync(path, 'latin1');
  }
}
