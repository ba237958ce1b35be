import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { PeerChannel } from '../../../src/binlog/replication/peer/channel.js';
import { encodeFrame } from '../../../src/binlog/replication/peer/frames.js';
import type { PeerMessage } from '../../../src/binlog/replication/peer/messages.js';
import { TcpPeers, type PeerTls } from '../../../src/binlog/replication/peer/tcp-peers.js';
import type { HostPort } from '../../../src/common/address.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { createCertificates } from '../../harness/servers/certificates.js';
import { Random } from '../../harness/random.js';
import { removeTemporaryDirectory, temporaryDirectory } from '../../harness/servers/tmp.js';

const KEY = Buffer.alloc(32, 1);
const TERM = { epoch: '7', generation: 2 };
const signal = new AbortController().signal;
const running: TcpPeers[] = [];

interface Options {
  readonly member: string;
  readonly cluster?: string;
  readonly key?: Buffer;
  readonly tls?: PeerTls | null;
  readonly others?: Record<string, HostPort>;
  readonly onChannel?: (channel: PeerChannel) => Promise<void>;
}

async function start({
  member,
  cluster = 'c',
  key = KEY,
  tls = null,
  others = {},
  onChannel,
}: Options): Promise<TcpPeers> {
  const peers = new TcpPeers({
    ...{ listen: { host: '127.0.0.1', port: 0 }, key, tls },
    identity: { cluster, member, id: `${member}-1` },
    addressesOf: (name) => (others[name] ? [others[name]] : []),
    log: createLogger('silent'),
  });
  await peers.start(onChannel ?? ((channel) => Promise.resolve(channel.close())));
  running.push(peers);
  return peers;
}

/** Says back what it hears. */
async function echo(channel: PeerChannel): Promise<void> {
  for (let message = await channel.receive(); message; message = await channel.receive())
    await channel.send(message);
  channel.close();
}

afterEach(async () => {
  for (const peers of running.splice(0)) await peers.stop();
});

const data = (bytes: Buffer, offset = 5): PeerMessage => ({
  type: 'data',
  term: TERM,
  offset,
  startsSegment: true,
  bytes,
});

describe('members that talk to each other', () => {
  test.each([false, true])(
    'hear what the other one has said, large or small; over TLS: %s',
    async (isTls) => {
      const directory = temporaryDirectory('peers');
      const { cert, key, ca } = createCertificates(directory, 'peer');
      const tls = isTls ? { cert: cert.toString(), key: key.toString(), ca: ca.toString() } : null;
      const listener = await start({ member: 'a', tls, onChannel: echo });
      const caller = await start({ member: 'b', tls, others: { a: listener.address } });
      const channel = await caller.connect('a', signal);
      expect(channel.peer).toBe('a');
      const messages: PeerMessage[] = [
        { type: 'follow', term: TERM, from: 2 ** 50 },
        data(Buffer.alloc(0)),
        data(randomBytes(300_000)),
        { type: 'ack', term: TERM, offset: 9 },
        { type: 'refused', code: 'X', message: 'ä' },
      ];
      for (const message of messages) {
        await channel.send(message);
        expect(await channel.receive()).toEqual(message);
      }
      channel.close();
      removeTemporaryDirectory(directory);
    },
  );

  test('go on after one of them has stood still for longer than silence may last', async () => {
    const listener = await start({ member: 'a', onChannel: echo });
    const caller = await start({ member: 'b', others: { a: listener.address } });
    const channel = await caller.connect('a', signal);
    const answer = channel.receive();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4_500);
    // The timers that are due fire before anything that has arrived is read.
    await new Promise((resolve) => setTimeout(resolve));
    const message: PeerMessage = { type: 'ack', term: TERM, offset: 9 };
    await channel.send(message);
    expect(await answer).toEqual(message);
    channel.close();
  });

  test('do not trust one with another key, of another cluster, or of another name than was asked for', async () => {
    const listener = await start({ member: 'a', onChannel: echo });
    const others = { a: listener.address, x: listener.address };
    const stranger = await start({ member: 'b', key: Buffer.alloc(32, 2), others });
    await expect(stranger.connect('a', signal)).rejects.toThrow(/another secret key/);
    const foreign = await start({ member: 'b', cluster: 'd', others });
    await expect(foreign.connect('a', signal)).rejects.toThrow(/belongs to cluster/);
    const caller = await start({ member: 'b', others });
    await expect(caller.connect('x', signal)).rejects.toThrow(/Member a answers there/);
    const twin = await start({ member: 'a', others });
    await expect(twin.connect('a', signal)).rejects.toThrow(/Member a answers there/);
  });

  test('are told apart from one that is gone: nothing listens there', async () => {
    const gone = await start({ member: 'a' });
    const { address } = gone;
    await gone.stop();
    const caller = await start({ member: 'b', others: { a: address } });
    await expect(caller.connect('a', signal)).rejects.toMatchObject({ isGone: true });
    await expect(caller.connect('c', signal)).rejects.toMatchObject({ isGone: false });
  });

  test('go on when strangers send anything at all', async () => {
    const listener = await start({ member: 'a', onChannel: echo });
    const caller = await start({ member: 'b', others: { a: listener.address } });
    const channel = await caller.connect('a', signal);
    const random = new Random(1);
    const hello = {
      type: 'hello',
      protocol: { major: 1, minor: 0 },
      cluster: 'c',
      member: 'z',
      id: 'z',
      nonce: 'x'.repeat(32),
    };
    for (let i = 0; i < 200; i++) {
      const socket = connect(listener.address);
      socket.on('error', () => undefined);
      const frame = encodeFrame(hello, 0);
      if (i % 2 === 0) for (let k = 0; k < 3; k++) frame[random.below(frame.length)] = random.below(256);
      const bytes = i % 4 === 3 ? randomBytes(random.between(1, 5_000)) : frame;
      const closed = once(socket, 'close');
      socket.end(Buffer.concat([bytes, encodeFrame({ type: 'proof', proof: 'AAAA' }, 0)]));
      socket.resume();
      await closed;
    }
    await channel.send({ type: 'ack', term: TERM, offset: 1 });
    expect(await channel.receive()).toEqual({ type: 'ack', term: TERM, offset: 1 });
    channel.close();
  });

  test('do not understand another major version, and say so; a newer minor one they do', async () => {
    const listener = await start({ member: 'a', onChannel: echo });
    const say = async (protocol: unknown): Promise<string> => {
      const socket = connect(listener.address);
      const heard: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => heard.push(chunk));
      const hello = {
        type: 'hello',
        protocol,
        cluster: 'c',
        member: 'z',
        id: 'z',
        nonce: 'x'.repeat(32),
        more: 1,
      };
      socket.write(Buffer.concat([encodeFrame(hello, 0), encodeFrame({ type: 'proof', proof: 'AAAA' }, 0)]));
      await once(socket, 'close');
      return Buffer.concat(heard).toString();
    };
    expect(await say({ major: 2, minor: 0 })).toMatch(
      /Members of protocol 1 and 2 do not understand each other/,
    );
    expect(await say({ major: 1, minor: 9 })).toMatch(/another secret key/);
  });
});
