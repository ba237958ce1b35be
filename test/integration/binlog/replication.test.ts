import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import type { JournalTerm } from '../../../src/binlog/replication/journal-term.js';
import { emptyGtidSet } from '../../../src/binlog/protocol/gtid/gtid-set.js';
import { LEADER_KEY, SUCCESSION_KEY } from '../../../src/cluster/records.js';
import { ReplicaCluster } from '../../harness/servers/binlog/replica-cluster.js';
import type { ReplicaMember } from '../../harness/servers/binlog/replica-member.js';
import { Feeder, RandomSource } from '../../harness/binlog/history.js';
import { Random } from '../../harness/random.js';
import { until } from '../../harness/until.js';

let cluster: ReplicaCluster;

afterEach(() => cluster.stop());

const source = (seed: number): RandomSource => new RandomSource('MARIADB', new Random(seed));

async function append(term: JournalTerm, from: RandomSource, count: number): Promise<number> {
  const sink = await term.open();
  sink.setFormat(from.builder.format(), 'source.000001');
  const feeder = new Feeder(sink, from.flavour);
  for (const { bytes } of from.transactions(count)) await feeder.push(bytes);
  const end = sink.boundaryOffset;
  await sink.close();
  return end;
}

function files({ journal: { directory } }: ReplicaMember): Record<string, Buffer> {
  const names = readdirSync(directory).filter((name) => /\.\d+$/.test(name));
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(`${directory}/${name}`)]));
}

async function committed(offset: number, ...names: string[]): Promise<void> {
  for (const name of names) {
    await until(`${name} knows of commits up to ${offset}`, () => {
      return cluster.members.get(name)!.journal.committedOffset >= offset;
    });
  }
}

function expectSame(...names: string[]): void {
  const [first, ...others] = names.map((name) => files(cluster.member(name)));
  expect(Object.keys(first!).length).toBeGreaterThan(0);
  for (const other of others) expect(other).toEqual(first);
}

test('every member has the files of the leader, byte for byte, and knows what is committed', async () => {
  cluster = await ReplicaCluster.start(['a', 'b', 'c']);
  const term = await cluster.member('a').lead();
  await term.begin('MARIADB', emptyGtidSet('MARIADB'));
  const from = source(1);
  const end = await append(term, from, 500);
  await committed(end, 'a', 'b', 'c');
  expectSame('a', 'b', 'c');
  const sets = ['a', 'b', 'c'].map((name) => String(cluster.member(name).journal.executedGtidSet));
  expect(new Set(sets).size).toBe(1);
});

test('a majority is enough, and whoever was away gets what it missed', async () => {
  cluster = await ReplicaCluster.start(['a', 'b', 'c']);
  const term = await cluster.member('a').lead();
  await term.begin('MARIADB', emptyGtidSet('MARIADB'));
  const from = source(2);
  await committed(await append(term, from, 50), 'a', 'b', 'c');
  await cluster.halt('c');
  await committed(await append(term, from, 400), 'a', 'b');
  await cluster.run('c');
  const end = await append(term, from, 10);
  await committed(end, 'a', 'b', 'c');
  expectSame('a', 'b', 'c');
});

test('whoever is far behind does not delay the others, and is sent everything at once when commits wait for it', async () => {
  cluster = await ReplicaCluster.start(['a', 'b', 'c'], {
    catchUpLimit: { bytesPerSecond: 1, farBytes: 100_000 },
  });
  const term = await cluster.member('a').lead();
  await term.begin('MARIADB', emptyGtidSet('MARIADB'));
  const from = source(12);
  await cluster.halt('c');
  await committed(await append(term, from, 3_000), 'a', 'b');
  await cluster.run('c');
  await until('it has been sent something', () => (term.offsetOf('c') ?? 0) > 0);
  for (let round = 0; round < 20; round++) await committed(await append(term, from, 20), 'a', 'b');
  expect(term.offsetOf('c')).toBeLessThan(100_000);
  await cluster.halt('b');
  const last = await append(term, from, 10);
  await committed(last, 'a', 'c');
  expectSame('a', 'c');
});

test('nothing is committed that only a minority has, and the next leader does without it', async () => {
  cluster = await ReplicaCluster.start(['a', 'b', 'c']);
  const term = await cluster.member('a').lead();
  await term.begin('MARIADB', emptyGtidSet('MARIADB'));
  const from = source(3);
  const before = await append(term, from, 50);
  await committed(before, 'a', 'b', 'c');
  await cluster.halt('b');
  await cluster.halt('c');
  const end = await append(term, source(4), 0).then(() => append(term, from, 20));
  await until('it is on the disk', () => cluster.member('a').journal.endOffset === end);
  expect(cluster.member('a').journal.committedOffset).toBe(before);
  await cluster.halt('a');
  await cluster.run('b');
  await cluster.run('c');
  const next = await cluster.member('b').lead();
  const other = source(3);
  other.transactions(50);
  const last = await append(next, other, 30);
  await cluster.run('a');
  await committed(last, 'a', 'b', 'c');
  expectSame('a', 'b', 'c');
});

test('a leader that lacks what is committed fetches it first', async () => {
  cluster = await ReplicaCluster.start(['a', 'b', 'c']);
  const term = await cluster.member('a').lead();
  await term.begin('MARIADB', emptyGtidSet('MARIADB'));
  const from = source(5);
  await committed(await append(term, from, 50), 'a', 'b', 'c');
  await cluster.halt('c');
  const end = await append(term, from, 300);
  await committed(end, 'a', 'b');
  await cluster.halt('a');
  const leading = cluster.run('c').then((member) => member.lead());
  const next = await leading;
  expect(cluster.member('c').journal.committedOffset).toBe(end);
  const last = await append(next, from, 20);
  await committed(last, 'b', 'c');
  expectSame('b', 'c');
});

test('a leader where nothing listens any more loses its term long before its session ends', async () => {
  cluster = await ReplicaCluster.start(['a', 'b', 'c']);
  const term = await cluster.member('a').lead();
  await term.begin('MARIADB', emptyGtidSet('MARIADB'));
  await committed(await append(term, source(6), 50), 'a', 'b', 'c');
  await cluster.member('a').vanish();
  await until('the term is over', () => term.signal.aborted);
  expect(await cluster.coordinator.get(LEADER_KEY)).toBeUndefined();
  const succession = await cluster.coordinator.get(SUCCESSION_KEY);
  expect(['b', 'c']).toContain(JSON.parse(succession!.value).to);
});
