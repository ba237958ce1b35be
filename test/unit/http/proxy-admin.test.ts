import { afterEach, describe, expect, test } from 'vitest';
import { Authenticator } from '../../../src/http/authenticator.js';
import { MEMBER_CALLER, ProxyAdminServer } from '../../../src/http/proxy-admin.js';
import { TokenStore } from '../../../src/http/tokens.js';
import { createLogger } from '../../../src/telemetry/logger.js';

const authenticator = new Authenticator(TokenStore.empty(), Buffer.alloc(32, 1));
const stranger = new Authenticator(TokenStore.empty(), Buffer.alloc(32, 2));
let server: ProxyAdminServer;
afterEach(() => server.stop());

async function serve(stats: () => unknown) {
  const answers = { 'GET /stats': { role: 'VIEWER', answer: stats } } as const;
  const log = createLogger('silent');
  server = new ProxyAdminServer({ host: '127.0.0.1', port: 0 }, authenticator, answers, log);
  await server.start();
  const { port } = server.address;
  return async (path: string, by?: Authenticator, method = 'GET') => {
    const headers: Record<string, string> = {};
    if (by) headers['authorization'] = `Bearer ${await by.signForwarded(MEMBER_CALLER)}`;
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers });
    return { status: answer.status, body: await answer.json() };
  };
}

describe("a proxy's statistics", () => {
  test('are for members of its cluster only', async () => {
    const ask = await serve(() => ({ sessions: 3 }));
    expect(await ask('/stats', authenticator)).toEqual({ status: 200, body: { sessions: 3 } });
    expect((await ask('/stats', stranger)).status).toBe(401);
    expect((await ask('/stats')).status).toBe(401);
  });

  test('are all that there is', async () => {
    const ask = await serve(() => ({}));
    expect((await ask('/elsewhere', authenticator)).status).toBe(404);
    expect((await ask('/stats', authenticator, 'POST')).status).toBe(404);
    expect((await ask('/healthz', authenticator)).body).toBe('ok');
  });

  test.each([
    [
      'cannot be had',
      () => {
        throw new Error('not now');
      },
    ],
    ['cannot be written down', () => ({ operations: 1n })],
  ])('that %s fail that request only', async (_, stats) => {
    const ask = await serve(stats);
    expect((await ask('/stats', authenticator)).status).toBe(500);
    expect((await ask('/healthz', authenticator)).status).toBe(200);
  });
});
