import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  changeSyncer,
  SLAVE_PASSWORD,
  slaveAccount,
  sourceInput,
  untilCaughtUp,
} from '../harness/servers/binlog/binlog-api.js';
import { startEtcd, type EtcdCluster } from '../harness/servers/etcd.js';
import { metricsIn, parseMetrics, type Metric } from '../harness/checkers/metrics.js';
import { REPL } from '../harness/servers/mysql/accounts.js';
import { ServerSet } from '../harness/servers/mysql/server-set.js';
import type { MysqlServer } from '../harness/servers/mysql/server.js';
import { freePort } from '../harness/servers/ports.js';
import { QuorateMember, QuorateProxy } from '../harness/servers/quorate.js';
import { RespClient } from '../harness/servers/redis-client.js';
import { RedisServer } from '../harness/servers/redis.js';
import { temporaryDirectory } from '../harness/servers/tmp.js';
import { makeToken } from '../harness/servers/tokens.js';
import { until } from '../harness/until.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DEPLOY = join(ROOT, 'examples/deploy');
const PROXY_PASSWORD = 'proxy-secret-2c19';

const servers = new ServerSet();
let etcd: EtcdCluster;
let source: MysqlServer;
let replica: MysqlServer;
let leader: QuorateMember;
let follower: QuorateMember;
let proxy: QuorateProxy;
let redis: RedisServer;
let redisReplica: RedisServer;
let token: string;
let viewer: string;
/** All that members and the proxy have written: a process keeps only its last lines. */
const logged: string[] = [];
const onLine = (line: string): void => void logged.push(line);

async function metricsOf(member: QuorateMember): Promise<Map<string, Metric>> {
  const answer = await fetch(`${member.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
  return parseMetrics(await answer.text());
}

/** Of the one sample with these labels; undefined when there is none. */
function valueOf(metrics: Map<string, Metric>, name: string, labels: Record<string, string> = {}) {
  const wanted = Object.entries(labels);
  return metrics
    .get(name)
    ?.samples.find((sample) => wanted.every(([label, value]) => sample.labels[label] === value))?.value;
}

function ours(metrics: Map<string, Metric>): Metric[] {
  return [...metrics.values()].filter(({ name }) => name.startsWith('quorate_'));
}

async function write(rows: number): Promise<void> {
  for (let row = 0; row < rows; row++) await source.query(`INSERT INTO shop.t (text) VALUES ('row ${row}')`);
  await untilCaughtUp(leader, source);
  await replica.replication.reach(await source.gtidExecuted());
}

beforeAll(async () => {
  [source, replica] = [
    await servers.start({ flavour: 'mariadb' }),
    await servers.start({ flavour: 'mariadb' }),
  ];
  await source.query('CREATE DATABASE shop');
  await source.query('CREATE TABLE shop.t (id INT PRIMARY KEY AUTO_INCREMENT, text VARCHAR(100))');
  [etcd, redis, redisReplica] = [await startEtcd(), await RedisServer.start(), await RedisServer.start()];
  const tokens = join(temporaryDirectory('tokens'), 'tokens.yaml');
  [token, viewer] = [await makeToken(tokens, 'ADMIN'), await makeToken(tokens, 'VIEWER')];
  const common = { etcd: etcd.endpoints, args: ['--tokens', tokens, '--log-level', 'trace'], token, onLine };
  leader = await QuorateMember.start({ name: 'm1', ...common });
  const { secretKey } = leader;
  follower = await QuorateMember.start({ name: 'm2', secretKey, ...common });
  const passwordFile = join(temporaryDirectory('password'), 'password');
  writeFileSync(passwordFile, PROXY_PASSWORD);
  const proxyArgs = ['--log-level', 'trace', '--password-file', passwordFile];
  proxy = await QuorateProxy.start({ name: 'p1', etcd: etcd.endpoints, secretKey, args: proxyArgs, onLine });
  await leader.run(`mutation { createGroup(input: { number: 1 }) { userErrors { message } } }`);
  for (const { address } of [redis, redisReplica])
    await leader.run(
      `mutation { addServer(input: { group: 1, address: "${address}" }) { userErrors { message } } }`,
    );
  await leader.run('mutation { initSlots { userErrors { message } } }');
  await leader.run(
    'mutation { assignSlots(input: { from: 0, to: 1023, group: 1 }) { userErrors { message } } }',
  );
  const client = await RespClient.connect(proxy.port);
  expect(await client.ask('AUTH', PROXY_PASSWORD)).toBe('+OK');
  expect(await client.ask('SET', 'hello', 'world')).toBe('+OK');
  client.close();
  await changeSyncer(leader, 'startSyncer', sourceInput(source));
  const port = await freePort();
  const { address, user, password } = slaveAccount('b1', port);
  const input = `{ name: "b1", address: "${address}", member: "m1", user: "${user}", password: "${password}" }`;
  await leader.run(`mutation { startBinlogServer(input: ${input}) { userErrors { message } } }`);
  await replica.replication.follow({ port, user: 'slave', password: SLAVE_PASSWORD });
  await write(5);
  await until('the monitors have seen them', async () => {
    const metrics = await metricsOf(leader);
    return (
      valueOf(metrics, 'quorate_proxy_latency_p99_seconds') !== undefined &&
      valueOf(metrics, 'quorate_redis_server_replication_lag_bytes') !== undefined
    );
  });
});
afterAll(async () => {
  await Promise.all([proxy, leader, follower].map((process) => process?.kill()));
  await Promise.all([redis?.stop(), redisReplica?.stop(), servers.remove()]);
  await etcd?.stop();
});

describe('metrics', () => {
  test('keep the rules of names: a prefix, base units, and _total on counters only', async () => {
    for (const { name, help, type } of ours(await metricsOf(leader))) {
      expect(name).toMatch(/^quorate_[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
      expect([name, help]).toEqual([name, expect.stringMatching(/^[A-Z0-9].*\.$/)]);
      const histogram = name.endsWith('_duration_seconds') ? 'histogram' : 'gauge';
      expect([name, type]).toEqual([name, name.endsWith('_total') ? 'counter' : histogram]);
      expect(name).not.toMatch(/_(ms|milliseconds|minutes|hours|kb|mb|kilobytes|megabytes|percent)(_|$)/);
      expect(name).not.toMatch(/_(count|sum|bucket|info)$/);
    }
  });

  test('are all in the tables of docs/metrics.md, and nothing else is', async () => {
    const document = readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8');
    const rows = [...document.matchAll(/^\| `(quorate_\w+)` +\| (gauge|counter|histogram) +\| (.*?) +\|/gm)];
    const told = rows.map(([, name, type, labels]) => ({
      ...{ name, type },
      labels: [...labels!.matchAll(/`(\w+)`/g)].map(([, label]) => label).sort(),
    }));
    const [here, there] = [await metricsOf(leader), await metricsOf(follower)];
    const given = ours(here).map(({ name, type, samples }) => {
      const [sample = there.get(name)?.samples[0]] = samples;
      // Of problems there are none while all is well.
      const labels =
        sample === undefined && name === 'quorate_problem' ? ['code', 'severity', 'subject'] : null;
      return { name, type, labels: labels ?? Object.keys(sample?.labels ?? {}).sort() };
    });
    const byName = (a: { name?: string | undefined }, b: { name?: string | undefined }) =>
      (a.name ?? '') < (b.name ?? '') ? -1 : 1;
    expect(told.sort(byName)).toEqual(given.sort(byName));
  });

  test('rise with what comes from the source and goes to slaves and followers', async () => {
    const before = await metricsOf(leader);
    await write(20);
    const after = await metricsOf(leader);
    for (const name of [
      'quorate_syncer_received_events_total',
      'quorate_syncer_received_bytes_total',
      'quorate_syncer_received_transactions_total',
      'quorate_journal_appended_bytes_total',
      'quorate_journal_committed_bytes_total',
      'quorate_journal_committed_offset_bytes',
      'quorate_journal_end_offset_bytes',
      'quorate_journal_syncs_total',
      'quorate_journal_sync_seconds_total',
      'quorate_journal_commits_total',
      'quorate_journal_commit_seconds_total',
      'quorate_journal_sent_bytes_total',
      'quorate_binlog_server_sent_events_total',
      'quorate_binlog_server_sent_bytes_total',
      'quorate_follower_acknowledged_offset_bytes',
    ])
      expect([name, valueOf(after, name)]).toEqual([
        name,
        expect.toSatisfy((value) => value > valueOf(before, name)!),
      ]);
    const there = await metricsOf(follower);
    expect(valueOf(there, 'quorate_journal_received_bytes_total')).toBeGreaterThan(0);
  });

  test('say who leads, follows, and is attached', async () => {
    const slave = { binlog_server: 'b1', server_id: String(replica.serverId) };
    await until(
      'the slave has all',
      async () => valueOf(await metricsOf(leader), 'quorate_slave_lag_bytes', slave) === 0,
    );
    const expected = [
      ['quorate_leader', {}, 1, 0],
      ['quorate_journal_leader', {}, 1, 0],
      ['quorate_journal_open', {}, 1, 1],
      ['quorate_member_role', { role: 'VOTER' }, 1, 1],
      ['quorate_member_role', { role: 'LEARNER' }, 0, 0],
      ['quorate_syncer_state', { state: 'RUNNING' }, 1, 0],
      ['quorate_syncer_state', { state: 'STOPPED' }, 0, 1],
      ['quorate_follower_connected', { member: 'm2' }, 1, undefined],
      ['quorate_follower_lag_bytes', { member: 'm2' }, 0, undefined],
      ['quorate_binlog_server_state', { binlog_server: 'b1', state: 'RUNNING' }, 1, undefined],
      ['quorate_binlog_server_slaves', { binlog_server: 'b1' }, 1, undefined],
      ['quorate_slave_lag_seconds', slave, 0, undefined],
      ['quorate_redis_server_up', { server: redis.address }, 1, 1],
      ['quorate_proxy_up', { proxy: 'p1' }, 1, 1],
    ] as const;
    // Members look at proxies, servers and each other once a second.
    const found = async () => {
      const [here, there] = [await metricsOf(leader), await metricsOf(follower)];
      const valuesOf = (name: string, labels: Record<string, string>) =>
        [here, there].map((metrics) => valueOf(metrics, name, labels));
      return expected.map(([name, labels]) => [name, labels, ...valuesOf(name, labels)]);
    };
    await expect.poll(found, { timeout: 20_000 }).toEqual(expected);
  });

  test('count logins that fail, and keep what a connection brought when it ends', async () => {
    const refused = { binlog_server: 'b1', what: 'login' };
    const before = await metricsOf(leader);
    const [server] = (await leader.run('{ binlogServers { address } }')).binlogServers;
    const { createConnection } = await import('mysql2/promise');
    const port = Number(server!.address.split(':')[1]);
    const wrong = createConnection({ host: '127.0.0.1', port, user: 'slave', password: 'wrong' });
    await expect(wrong).rejects.toThrow('Access denied');
    await changeSyncer(leader, 'stopSyncer');
    const after = await metricsOf(leader);
    const name = 'quorate_binlog_server_refused_total';
    expect(valueOf(after, name, refused)).toBe(valueOf(before, name, refused)! + 1);
    const received = 'quorate_syncer_received_bytes_total';
    expect(valueOf(after, received)).toBeGreaterThanOrEqual(valueOf(before, received)!);
    await changeSyncer(leader, 'startSyncer', sourceInput(source));
    await write(1);
    expect(valueOf(await metricsOf(leader), received)).toBeGreaterThan(valueOf(after, received)!);
  });

  test('and logs have no secrets, whatever is logged', async () => {
    const text = await (
      await fetch(`${leader.url}/metrics`, { headers: { authorization: `Bearer ${token}` } })
    ).text();
    const key = readFileSync(leader.secretKey, 'utf8').trim();
    const shown = [text, ...logged].join('\n');
    for (const secret of [token, viewer, key, REPL.password, SLAVE_PASSWORD, PROXY_PASSWORD])
      expect(shown).not.toContain(secret);
  });

  test('tell how long requests of Redis clients took and how they failed, at members and at the proxy', async () => {
    const client = await RespClient.connect(proxy.port);
    await client.ask('AUTH', PROXY_PASSWORD);
    for (let i = 0; i < 3; i++) expect(await client.ask('INCR', 'hello')).toMatch(/^-ERR value/);
    expect(await client.ask('LPUSH', 'hello', 'x')).toMatch(/^-WRONGTYPE/);
    expect(await client.ask('KEYS', '*')).toMatch(/^-ERR quorate/);
    client.close();
    const name = 'quorate_proxy_request_duration_seconds';
    const [p1, kinds] = [{ proxy: 'p1' }, { WRONGTYPE: 1, OTHER: 4 }];
    const own = async () => {
      const { proxies } = await leader.run('{ proxies { adminAddress } }');
      return parseMetrics(await (await fetch(`http://${proxies[0]!.adminAddress}/metrics`)).text());
    };
    for (const read of [own, () => metricsOf(leader), () => metricsOf(follower)]) {
      await expect
        .poll(async () => {
          const metrics = await read();
          return Object.keys(kinds).map((kind) =>
            valueOf(metrics, 'quorate_proxy_errors_total', { ...p1, kind }),
          );
        })
        .toEqual(Object.values(kinds));
      const metrics = await read();
      const buckets = metrics.get(name)!.samples.filter(({ labels }) => labels['le'] !== undefined);
      const counts = buckets.map(({ value }) => value);
      expect(counts).toEqual([...counts].sort((a, b) => a - b));
      // The one SET of the beginning, and these that a server has answered.
      expect(valueOf(metrics, name, { ...p1, le: '+Inf' })).toBe(5);
    }
  });

  test('need a token', async () => {
    expect((await fetch(`${leader.url}/metrics`)).status).toBe(401);
  });
});

describe('what is to be deployed beside', () => {
  const names = async () => {
    const metrics = [...(await metricsOf(leader)).values(), ...(await metricsOf(follower)).values()];
    const parts = metrics.flatMap(({ name, type }) =>
      type === 'histogram' ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`) : [name],
    );
    return new Set([...parts, 'up']);
  };

  test('asks in each panel of the dashboard for metrics that there are', async () => {
    const dashboard = JSON.parse(readFileSync(join(DEPLOY, 'grafana.json'), 'utf8')) as {
      panels: { targets?: { expr: string }[] }[];
    };
    const queries = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    expect(queries.length).toBeGreaterThan(15);
    const known = await names();
    for (const query of queries) {
      const asked = metricsIn(query);
      expect([query, asked.length]).not.toEqual([query, 0]);
      for (const name of asked) expect([query, name, known.has(name)]).toEqual([query, name, true]);
    }
  });

  test('and in each alert', async () => {
    const { groups } = parse(readFileSync(join(DEPLOY, 'alerts.yml'), 'utf8')) as {
      groups: { rules: { alert: string; expr: string; annotations?: { summary?: string } }[] }[];
    };
    const rules = groups.flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThan(8);
    const known = await names();
    for (const { alert, expr, annotations } of rules) {
      expect(annotations?.summary).toBeTruthy();
      for (const name of metricsIn(expr)) expect([alert, name, known.has(name)]).toEqual([alert, name, true]);
    }
  });
});

describe('the log level', () => {
  const url = (path: string) => `${leader.url}/log-level${path}`;
  const headers = () => ({ authorization: `Bearer ${token}`, 'content-type': 'application/json' });
  const get = async (path = '') => (await fetch(url(path), { headers: headers() })).json();
  const put = async (body: unknown) =>
    fetch(url(''), { method: 'PUT', headers: headers(), body: JSON.stringify(body) });

  test('is changed while it runs, at a member and at a proxy', async () => {
    for (const where of [{}, { proxy: 'p1' }]) {
      const query = 'proxy' in where ? '?proxy=p1' : '';
      expect(await get(query)).toEqual({ level: 'trace' });
      const answer = await put({ level: 'warn', ...where });
      expect([answer.status, await answer.json()]).toEqual([200, { level: 'warn' }]);
      expect(await get(query)).toEqual({ level: 'warn' });
    }
    expect(proxy.process.output).toContain('The log level is changed');
  });

  test('is one that there is, of one that there is, and for administrators', async () => {
    for (const body of [{}, { level: 'loud' }]) expect((await put(body)).status).toBe(400);
    expect((await put({ level: 'info', proxy: 'p9' })).status).toBe(409);
    const stranger = await fetch(url(''), { method: 'PUT', body: '{"level":"info"}' });
    expect(stranger.status).toBe(401);
    for (const method of ['GET', 'PUT']) {
      const body = method === 'PUT' ? { body: '{"level":"info"}' } : {};
      const asked = await fetch(url(''), {
        method,
        ...body,
        headers: { ...headers(), authorization: `Bearer ${viewer}` },
      });
      expect([method, asked.status]).toEqual([method, 403]);
    }
    expect(await get()).toEqual({ level: 'warn' });
  });
});
