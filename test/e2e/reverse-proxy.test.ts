import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { freePort } from '../harness/servers/ports.js';
import { TestProcess, untilReady } from '../harness/servers/process.js';
import { QuorateMember } from '../harness/servers/quorate.js';
import { temporaryDirectory } from '../harness/servers/tmp.js';
import { makeToken } from '../harness/servers/tokens.js';

/** See docs/operating.md, section "Behind a reverse proxy". */
const ADVISED = `
  proxy_set_header Host $http_host;
  proxy_http_version 1.1;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection $connection_upgrade;
`;

let member: QuorateMember;
let token: string;
const proxies: TestProcess[] = [];

beforeAll(async () => {
  const tokens = join(temporaryDirectory('reverse-proxy'), 'tokens.yaml');
  token = await makeToken(tokens, 'ADMIN');
  member = await QuorateMember.start({ args: ['--tokens', tokens] });
});

afterAll(async () => {
  for (const proxy of proxies) await proxy.end('SIGTERM');
  await member?.stop();
});

/** A real nginx before the member. @returns its origin, as a browser has it */
async function nginx(location: string): Promise<string> {
  const [port, folder] = [await freePort(), temporaryDirectory('nginx')];
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const file = join(folder, 'nginx.conf');
  writeFileSync(
    file,
    `daemon off; pid ${folder}/pid; error_log stderr; worker_processes 1;
     events {}
     http {
       access_log off;
       ${paths.map((path) => `${path}_temp_path ${folder}/${path};`).join(' ')}
       map $http_upgrade $connection_upgrade { default upgrade; '' close; }
       server { listen 127.0.0.1:${port}; location / { proxy_pass ${member.url}; ${location} } }
     }`,
  );
  const process = new TestProcess({ command: 'nginx', args: ['-e', 'stderr', '-c', file, '-p', folder] });
  proxies.push(process);
  const origin = `http://127.0.0.1:${port}`;
  await untilReady(process, async () => (await fetch(`${origin}/healthz`)).ok);
  return origin;
}

function mutate(origin: string, from: string): Promise<Response> {
  return fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: from, authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: 'mutation { initSlots { userErrors { message } } }' }),
  });
}

describe.each([
  ['that passes on no name', ''],
  ['as the documentation advises', ADVISED],
])('behind an nginx %s', (_, location) => {
  test('the pages and all that they load are shown', async () => {
    const origin = await nginx(location);
    for (const path of ['/', '/playground']) {
      const page = await (await fetch(`${origin}${path}`)).text();
      const assets = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, asset]) => asset!);
      expect(assets.length).toBeGreaterThan(1);
      for (const asset of assets) {
        // Browsers send the origin with module scripts and with styles that are marked crossorigin.
        const answer = await fetch(`${origin}${asset}`, { headers: { origin } });
        expect([asset, answer.status]).toEqual([asset, 200]);
      }
    }
  });

  test('a foreign page changes nothing', async () => {
    const origin = await nginx(location);
    expect((await mutate(origin, 'https://elsewhere.example')).status).toBe(403);
  });
});

test('behind an nginx as the documentation advises the pages can change things, and follow them', async () => {
  const origin = await nginx(ADVISED);
  expect((await mutate(origin, origin)).status).toBe(200);
  const client = createClient({
    url: `${origin.replace('http', 'ws')}/graphql`,
    webSocketImpl: class extends WebSocket {
      constructor(url: string, protocols: string) {
        super(url, protocols, { origin });
      }
    },
    retryAttempts: 0,
    connectionParams: { authorization: `Bearer ${token}` },
  });
  const events = client.iterate({ query: 'subscription { clusterStatus { name } }' });
  expect((await events.next()).value).toHaveProperty('data.clusterStatus.name');
  await client.dispose();
});

test('behind an nginx that passes on no name a change is refused with what to set', async () => {
  const origin = await nginx('');
  const answer = await mutate(origin, origin);
  expect(answer.status).toBe(403);
  expect(await answer.text()).toMatch(/proxy_set_header Host \$http_host/);
});
