import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  ClosedError,
  CompactedError,
  createClient,
  InvalidRequestError,
  type ConnectionState,
  type QuorateClient,
} from '../../../src/sdk/index.js';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { TcpRelay } from '../../harness/servers/tcp-relay.js';
import { until } from '../../harness/until.js';

let member: QuorateMember;
let relay: TcpRelay;
let direct: QuorateClient;
let client: QuorateClient;

beforeAll(async () => {
  member = await QuorateMember.start();
  relay = await TcpRelay.start(member.port);
  direct = createClient({ url: member.url });
});

afterEach(() => client?.close());

afterAll(async () => {
  await direct?.close();
  await relay?.stop();
  await member?.stop();
});

function throughRelay(): QuorateClient {
  return (client = createClient({ url: `http://${relay.address}` }));
}

describe('the feed of actions', () => {
  test('has every action once and in order although the connection is cut again and again', async () => {
    const watching = throughRelay().watchActions();
    const before = await direct.cluster();
    await watching.next();
    const seen: string[] = [];
    const following = (async () => {
      for await (const { revision, target } of watching) {
        seen.push(revision);
        if (target === 'group/200') break;
      }
    })();
    const made: string[] = [];
    for (let number = 101; number <= 200; number++) {
      const { revision } = await direct.createGroup({ input: { number } });
      made.push(revision!);
      if (number % 20 === 10) {
        relay.cut();
        await direct.removeGroup({ input: { number } }).then(({ revision }) => made.push(revision!));
        relay.restore();
        await until('it is connected again', () => relay.connections > 0);
      }
    }
    await following;
    expect(seen.filter((revision) => BigInt(revision) > BigInt(before.coordinator.revision))).toEqual(made);
  });

  test('misses nothing of a break before the first action that it is to tell', async () => {
    const watching = throughRelay().watchActions({ types: ['GROUP_REMOVED', 'SETTINGS_CHANGED'] });
    const first = watching.next();
    const states: ConnectionState[] = [];
    client.onConnection((state) => states.push(state));
    await until('it is connected', () => states.includes('connected'));
    relay.cut();
    for (const number of [301, 302]) {
      await direct.createGroup({ input: { number } });
      await direct.removeGroup({ input: { number } });
    }
    relay.restore();
    expect((await first).value?.target).toBe('group/301');
    expect((await watching.next()).value?.target).toBe('group/302');
    expect(states.slice(0, 3)).toEqual(['connecting', 'connected', 'lost']);
    expect(states.at(-1)).toBe('connected');
  });

  test('ends when the actions after its revision have been collected', async () => {
    const { nodes } = await direct.actions({ first: 1 });
    await direct.collectActions({ input: { keepLast: 5 } });
    const watching = throughRelay().watchActions({ afterRevision: nodes[0]!.revision });
    await expect(watching.next()).rejects.toBeInstanceOf(CompactedError);
    expect(await watching.next()).toMatchObject({ done: true });
  });
});

describe('a subscription', () => {
  test('goes on when the member was restarted', async () => {
    const restarted = await QuorateMember.start({ name: 'again' });
    client = createClient({ url: restarted.url });
    const watching = client.watchActions();
    await watching.next();
    const { port, dataDir } = restarted;
    await restarted.stop();
    const again = await QuorateMember.start({ name: 'again', port, dataDir });
    await client.createGroup({ input: { number: 400 } });
    for await (const { target } of watching) if (target === 'group/400') break;
    await again.stop();
  });

  test('of a state begins anew after a break', async () => {
    const watching = throughRelay().watchCluster();
    const { value: first } = await watching.next();
    relay.dropAll();
    const { value: second } = await watching.next();
    expect(second).toEqual(first);
  });

  test('gives up a connection on which nothing arrives any more', async () => {
    const watching = throughRelay().watchCluster();
    const states: ConnectionState[] = [];
    client.onConnection((state) => states.push(state));
    await watching.next();
    relay.silence();
    const next = watching.next();
    await until('it has noticed', () => states.includes('lost'));
    relay.restore();
    expect((await next).value?.leader).not.toBeNull();
    expect(states).toContain('lost');
  });

  test('shares one websocket with all others, up to a hundred', async () => {
    throughRelay();
    const watches = Array.from({ length: 100 }, () => client.watchCluster());
    await Promise.all(watches.map((watch) => watch.next()));
    expect(relay.connections).toBe(1);
    await expect(client.watchCluster().next()).rejects.toBeInstanceOf(InvalidRequestError);
  });

  test('ends at once when its reader leaves, and the websocket with the last', async () => {
    const watching = throughRelay().watchMembers();
    for await (const { name } of watching) {
      expect(name).toBe('m1');
      break;
    }
    expect(await watching.next()).toEqual({ done: true, value: undefined });
    await until('the websocket is closed', () => relay.connections === 0);
  });

  test('rejects with the reason of its signal', async () => {
    const controller = new AbortController();
    const watching = throughRelay().watchActions({}, { signal: controller.signal });
    await watching.next();
    const next = expect(watching.next()).rejects.toThrow('enough');
    controller.abort(new Error('enough'));
    await next;
    await until('the websocket is closed', () => relay.connections === 0);
    await expect(client.watchActions({}, { signal: controller.signal }).next()).rejects.toThrow('enough');
  });

  test('ends with the client, in whatever state the connection is', async () => {
    const watching = throughRelay().watchCluster();
    await watching.next();
    relay.cut();
    const next = expect(watching.next()).rejects.toBeInstanceOf(ClosedError);
    await client.close();
    await next;
    relay.restore();
    await expect(client.groups()).rejects.toBeInstanceOf(ClosedError);
    expect(() => client.watchGroups()).toThrow(ClosedError);
  });
});
