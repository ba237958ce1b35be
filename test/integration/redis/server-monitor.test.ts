import { expect, test } from 'vitest';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { RedisServer } from '../../harness/servers/redis.js';
import { TcpRelay } from '../../harness/servers/tcp-relay.js';

test('a server whose reply was lost is asked again over another connection', async () => {
  const [member, server] = await Promise.all([QuorateMember.start({}), RedisServer.start()]);
  const relay = await TcpRelay.start(server.port);
  try {
    await member.run(
      `mutation {
        createGroup(input: { number: 1 }) { userErrors { message } }
        addServer(input: { group: 1, address: "${relay.address}" }) { userErrors { message } }
      }`,
    );
    const reachable = async (): Promise<boolean> => {
      const { group } = await member.run('{ group(number: 1) { master { reachable } } }');
      return group!.master!.reachable;
    };
    await expect.poll(reachable, { timeout: 10_000 }).toBe(true);
    relay.judge = () => 'forwardAndMute';
    await expect.poll(reachable, { timeout: 10_000 }).toBe(false);
    // The connection that is muted stays so; a new one would not be.
    relay.judge = () => 'forward';
    await expect.poll(reachable, { timeout: 10_000 }).toBe(true);
  } finally {
    await member.kill();
    await relay.stop();
    await server.stop();
  }
});
