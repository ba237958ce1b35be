import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseMetrics } from '../../harness/checkers/metrics.js';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';
import { makeToken } from '../../harness/servers/tokens.js';
import { until } from '../../harness/until.js';

const lines: string[] = [];
const tokensFile = join(temporaryDirectory('edge'), 'tokens.yaml');
let member: QuorateMember;
let viewer: string;
let admin: string;

beforeAll(async () => {
  viewer = await makeToken(tokensFile, 'VIEWER');
  admin = await makeToken(tokensFile, 'ADMIN');
  member = await QuorateMember.start({
    args: ['--tokens', tokensFile],
    onLine: (line) => lines.push(line),
  });
});

afterAll(() => member?.stop());

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function ask(path: string, init: RequestInit = {}): Promise<{ answer: Response; text: string }> {
  const answer = await fetch(`${member.url}${path}`, init);
  return { answer, text: await answer.text() };
}

function post(query: string, headers: Record<string, string> = {}) {
  return ask('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });
}

async function refusals(reason: string): Promise<number> {
  const { text } = await ask('/metrics', { headers: bearer(viewer) });
  const samples = parseMetrics(text).get('quorate_http_refusals_total')!.samples;
  return samples.find(({ labels }) => labels['reason'] === reason)!.value;
}

const warnings = (reason: string): string[] => lines.filter((line) => line.includes(`"refused":"${reason}"`));

describe('what is refused leaves a trace', () => {
  test.each([
    ['GraphQL', () => post('{ cluster { name } }')],
    ['metrics', () => ask('/metrics', { headers: bearer('qt_unknown') })],
    ['an endpoint', () => ask('/log-level', { headers: bearer('qt_unknown') })],
  ])('without a token: %s', async (_, request) => {
    const before = await refusals('unauthenticated');
    const { answer, text } = await request();
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="quorate"');
    expect(text).not.toMatch(/"http":/);
    expect(await refusals('unauthenticated')).toBe(before + 1);
  });

  test('over the websocket without a token', async () => {
    const before = await refusals('unauthenticated');
    const socket = new WebSocket(`ws://127.0.0.1:${member.port}/graphql`, 'graphql-transport-ws');
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send(JSON.stringify({ type: 'connection_init' }));
    expect(await new Promise((resolve) => socket.once('close', resolve))).toBe(4403);
    expect(await refusals('unauthenticated')).toBe(before + 1);
  });

  test('what the role does not allow', async () => {
    const before = await refusals('forbidden');
    const { text } = await post('{ tokens { name } }', bearer(viewer));
    expect(text).toMatch(/FORBIDDEN/);
    expect((await ask('/log-level', { headers: bearer(viewer) })).answer.status).toBe(403);
    expect(await refusals('forbidden')).toBe(before + 2);
  });

  test('what comes from foreign pages, which says how a reverse proxy is to be set', async () => {
    const before = await refusals('foreign-origin');
    const { answer, text } = await post('{ cluster { name } }', {
      ...bearer(admin),
      origin: 'https://elsewhere.example',
    });
    expect(answer.status).toBe(403);
    expect(text).toMatch(/proxy_set_header Host \$http_host/);
    const socket = new WebSocket(`ws://127.0.0.1:${member.port}/graphql`, 'graphql-transport-ws', {
      origin: 'https://elsewhere.example',
    });
    const error = await new Promise<Error>((resolve) => socket.once('error', resolve));
    expect(error.message).toMatch(/403/);
    expect(await refusals('foreign-origin')).toBe(before + 2);
  });

  test('in the log, once in a while for each reason, with where it came from', async () => {
    for (let i = 0; i < 50; i++) await post('{ cluster { name } }');
    for (const reason of ['unauthenticated', 'forbidden', 'foreign-origin']) {
      expect(warnings(reason)[0]).toMatch(/"client":"127\.0\.0\.1:\d+"/);
    }
    expect(warnings('unauthenticated').length).toBeLessThan(50);
  });
});

test('a message that is too long for the websocket closes it, and writes no stack', async () => {
  const before = lines.length;
  const socket = new WebSocket(`ws://127.0.0.1:${member.port}/graphql`, 'graphql-transport-ws');
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send('x'.repeat(300_000));
  expect(await new Promise((resolve) => socket.once('close', resolve))).toBe(1009);
  await until('its line in the log', () => warnings('broken-websocket').length > 0);
  for (const line of lines.slice(before)) expect(() => JSON.parse(line) as unknown).not.toThrow();
  expect(await refusals('broken-websocket')).toBe(1);
});

test('a subscription over HTTP is told to use the websocket, and is no failure of ours', async () => {
  const { answer, text } = await post('subscription { clusterStatus { name } }', bearer(viewer));
  expect(answer.status).toBe(400);
  expect(text).toMatch(/websocket/);
  expect(text).toMatch(/"code":"BAD_REQUEST"/);
  expect(lines.join('\n')).not.toMatch(/failed unexpectedly/);
});

test('the embedded coordinator has no endpoints, and does not show where its files are', async () => {
  const { text } = await post('{ cluster { coordinator { kind endpoints } } }', bearer(viewer));
  expect(JSON.parse(text)).toEqual({
    data: { cluster: { coordinator: { kind: 'EMBEDDED', endpoints: [] } } },
  });
});

test.each([
  ['GET', '/nothing'],
  ['POST', '/nothing'],
  ['DELETE', '/log-level'],
  ['GET', '/assets/nothing.js'],
])('%s %s is a 404 that is no page', async (method, path) => {
  const { answer, text } = await ask(path, { method, headers: bearer(admin) });
  expect(answer.status).toBe(404);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
  expect(text).not.toMatch(/</);
});

test.each([{ level: 'loud' }, {}, [], { level: 'info', proxy: 3 }])(
  'a log level that is none is a bad request: %j',
  async (body) => {
    const { answer, text } = await ask('/log-level', {
      method: 'PUT',
      headers: { ...bearer(admin), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(400);
    expect(text).toMatch(/Expected/);
  },
);

test('a request whose body dribbles in is given up', async () => {
  const socket = connect(member.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(
    `POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:${member.port}\r\nAuthorization: Bearer ${viewer}\r\n` +
      'Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n',
  );
  const timer = setInterval(() => socket.write(' '), 200);
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(timer);
  expect(answer).toMatch(/^HTTP\/1\.1 408/);
}, 60_000);

test('more connections than there may be are closed, counted, and harm nobody who is there', async () => {
  const agentSocket = connect(member.port, '127.0.0.1');
  await new Promise((resolve) => agentSocket.once('connect', resolve));
  const sockets: Socket[] = [];
  let closed = 0;
  for (let i = 0; i < 4_200; i++) {
    const socket = connect(member.port, '127.0.0.1');
    sockets.push(socket.on('error', () => undefined).on('close', () => closed++));
    if (i % 100 === 0) await new Promise((resolve) => socket.once('connect', resolve));
  }
  try {
    await until('those beyond the limit', () => closed > 50);
    agentSocket.write(`GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n`);
    const answer = await new Promise((resolve) => agentSocket.once('data', resolve));
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200/);
  } finally {
    for (const socket of [...sockets, agentSocket]) socket.destroy();
  }
  await until('a free connection', () =>
    refusals('too-many-connections').then(
      (count) => count > 50,
      () => false,
    ),
  );
});

test('a member whose proxy cannot listen is not ready', async () => {
  const first = await QuorateMember.start({ proxy: true });
  const states: string[] = [];
  const second = await QuorateMember.launch({
    args: ['--proxy-listen', `127.0.0.1:${first.proxyPort}`],
  });
  let ended = false;
  void second.process.exited.then(() => (ended = true));
  while (!ended) {
    const answer = await fetch(`${second.url}/readyz`).catch(() => null);
    if (answer !== null) states.push(`${answer.status} ${await answer.text().catch(() => '')}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(states.filter((state) => state.startsWith('200'))).toEqual([]);
  await first.stop();
});
