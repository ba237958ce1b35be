import { afterEach, beforeEach, expect, test } from 'vitest';
import { startEtcd, type EtcdCluster } from '../../harness/servers/etcd.js';
import type { TestProcess } from '../../harness/servers/process.js';
import { QuorateMember, QuorateProxy } from '../../harness/servers/quorate.js';

const WAITS = /Waiting for the (?:session of the )?previous process of this name/;
const TRIES_AGAIN = 'Could not register; trying again';

let etcd: EtcdCluster;
let member: QuorateMember;
let lines: string[];

beforeEach(async () => {
  lines = [];
  etcd = await startEtcd();
  member = await QuorateMember.start({
    etcd: etcd.endpoints,
    args: ['--session-ttl', '3000'],
  });
});

afterEach(async () => {
  await member.kill();
  await etcd.stop();
});

/** Collects lines, and stops etcd as soon as a process registers: for as long as it takes it to fail at that. */
function freezeWhileItRegisters(line: string): void {
  lines.push(line);
  if (WAITS.test(line)) etcd.first.freeze();
  if (line.includes(TRIES_AGAIN)) etcd.first.resume();
}

/** A process that gives up must not leave etcd stopped. */
async function resumeAtTheEnd(process: TestProcess): Promise<void> {
  await process.exited;
  etcd.first.resume();
}

test('a member that registers while the coordinator stands still takes another session and goes on', async () => {
  const { dataDir, port } = member;
  await member.kill();
  member = await QuorateMember.launch({
    etcd: etcd.endpoints,
    args: ['--session-ttl', '3000'],
    ...{ dataDir, port, onLine: freezeWhileItRegisters },
  });
  void resumeAtTheEnd(member.process);
  await member.ready();
  expect(lines.some((line) => line.includes(TRIES_AGAIN))).toBe(true);
});

test('a proxy that registers while the coordinator stands still takes another session and goes on', async () => {
  const options = { name: 'p1', etcd: etcd.endpoints, secretKey: member.secretKey };
  const args = ['--session-ttl', '3000', '--admin-listen', '127.0.0.1:0'];
  const first = await QuorateProxy.start({ ...options, args });
  await first.kill();
  const second = await QuorateProxy.start({ ...options, args, onLine: freezeWhileItRegisters });
  void resumeAtTheEnd(second.process);
  try {
    expect(lines.some((line) => line.includes(TRIES_AGAIN))).toBe(true);
  } finally {
    await second.kill();
  }
});
