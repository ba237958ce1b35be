import { createServer, type AddressInfo, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCertificates } from '../../harness/servers/certificates.js';
import { change } from '../../harness/servers/moves.js';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';

let member: QuorateMember;
const listeners: Server[] = [];

beforeAll(async () => {
  member = await QuorateMember.start();
  await change(member, 'createGroup(input: { number: 1 })');
});

afterAll(async () => {
  await member?.kill();
  for (const listener of listeners) listener.close();
});

async function listen(listener: Server): Promise<string> {
  listeners.push(listener);
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(listener.address() as AddressInfo).port}`;
}

/** What is answered to who adds that address. */
async function refusal(address: string): Promise<string> {
  const { data } = await member.ask<{ addServer: { userErrors: { code: string; message: string }[] } }>(
    `mutation { addServer(input: { group: 1, address: "${address}" }) { userErrors { code message } } }`,
  );
  const [error] = data!.addServer.userErrors;
  expect(error!.code).toBe('UNREACHABLE');
  return error!.message;
}

test('a port that says nothing is told as one', async () => {
  const silent = createServer((socket) => socket.on('error', () => undefined));
  expect(await refusal(await listen(silent))).toMatch(
    /does not answer in time: it hangs, .* speaks TLS only/,
  );
});

test('a port that speaks something else is told as one', async () => {
  const web = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  });
  expect(await refusal(await listen(web))).toMatch(/does not speak the Redis protocol/);
});

test('a port that speaks TLS is told as one that may', async () => {
  const { certFile, keyFile } = createCertificates(temporaryDirectory('tls'), 'redis');
  const tls = createTlsServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) });
  tls.on('tlsClientError', () => undefined);
  expect(await refusal(await listen(tls))).toMatch(/speaks TLS only/);
});
