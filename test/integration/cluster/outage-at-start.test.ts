import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startEtcd, type EtcdCluster } from '../../harness/servers/etcd.js';
import { QuorateMember, QuorateProxy } from '../../harness/servers/quorate.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';

const WAITS = /Waiting for the (?:session of the )?previous process of this name/;
const TRIES_AGAIN = 'Could not register; trying again';
const ARGS = ['--session-ttl', '3000'];

let etcd: EtcdCluster;
let member: QuorateMember;

beforeEach(async () => {
  etcd = await startEtcd();
  member = await QuorateMember.start({ etcd: etcd.endpoints, args: ARGS });
});

afterEach(async () => {
  await member.kill();
  await etcd.stop();
});

/**
 * Starts a process whose name another one has. etcd stands still from when it waits for that name until it has failed
 * to register; then the other one ends.
 */
async function startThroughOutage<T>(
  start: (onLine: (line: string) => void) => Promise<T>,
  other: { kill(): Promise<void> },
): Promise<T> {
  let hasFailed = false;
  const started = start((line) => {
    if (WAITS.test(line) && !hasFailed) etcd.first.freeze();
    if (!line.includes(TRIES_AGAIN) || hasFailed) return;
    hasFailed = true;
    etcd.first.resume();
    void other.kill();
  });
  // A process that gives up must not leave etcd standing still.
  const result = await started.finally(() => etcd.first.resume());
  expect(hasFailed).toBe(true);
  return result;
}

test('a member that registers while the coordinator stands still takes another session and goes on', async () => {
  // A copy of its data directory: while it runs, nothing else may use the original.
  const dataDir = temporaryDirectory('member');
  for (const file of ['member.json', 'secret.key']) cpSync(join(member.dataDir, file), join(dataDir, file));
  const second = await startThroughOutage(async (onLine) => {
    const launched = await QuorateMember.launch({ etcd: etcd.endpoints, args: ARGS, dataDir, onLine });
    await launched.ready();
    return launched;
  }, member);
  await second.kill();
});

test('a proxy that registers while the coordinator stands still takes another session and goes on', async () => {
  const options = { name: 'p1', etcd: etcd.endpoints, secretKey: member.secretKey };
  const args = [...ARGS, '--admin-listen', '127.0.0.1:0'];
  const first = await QuorateProxy.start({ ...options, args });
  const second = await startThroughOutage(
    (onLine) => QuorateProxy.start({ ...options, args, onLine }),
    first,
  );
  await second.kill();
});
