import { afterEach, describe, expect, it } from 'vitest';
import {
  CoordinatorUnavailableError,
  EmbeddedCoordinator,
  type KeyValue,
  type WatchBatch,
} from '../../../src/coordinator/index.js';
import { TestProcess } from '../../harness/servers/process.js';
import { removeTemporaryDirectory, temporaryDirectory } from '../../harness/servers/tmp.js';
import { put, takeBatches } from './harness.js';

const WRITER = new URL('./embedded-writer.ts', import.meta.url).pathname;
const directories: string[] = [];

function newDirectory(): string {
  const directory = temporaryDirectory('durability');
  directories.push(directory);
  return directory;
}

afterEach(() => {
  for (const directory of directories.splice(0)) removeTemporaryDirectory(directory);
});

/** What a writer has been told, by transaction. */
interface Outcomes {
  readonly acknowledged: Map<number, bigint>;
  readonly failed: Map<number, string>;
}

function record(line: string, outcomes: Outcomes): void {
  const [word, number = '', detail = ''] = line.split(' ');
  if (word === 'ack') outcomes.acknowledged.set(Number(number), BigInt(detail));
  if (word === 'fail') outcomes.failed.set(Number(number), detail);
}

async function withStore<T>(directory: string, use: (store: EmbeddedCoordinator) => Promise<T>): Promise<T> {
  const store = new EmbeddedCoordinator({ directory });
  await store.start();
  try {
    return await use(store);
  } finally {
    await store.stop();
  }
}

/** Every acknowledged transaction is there as it was acknowledged, and none is there by halves. */
async function check(store: EmbeddedCoordinator, { acknowledged, failed }: Outcomes): Promise<void> {
  const { entries, revision } = await store.read('');
  const byKey = new Map<string, KeyValue>(entries.map((entry) => [entry.key, entry]));
  for (const [number, committedAt] of acknowledged) {
    expect(byKey.get(`t/${number}/a`)?.modRevision).toBe(committedAt);
    expect(byKey.get(`t/${number}/b`)?.modRevision).toBe(committedAt);
    expect(revision).toBeGreaterThanOrEqual(committedAt);
  }
  for (const number of failed.keys()) expect(byKey.has(`t/${number}/a`)).toBe(false);
  for (const entry of entries) {
    const twin = byKey.get(entry.key.replace(/a$/, 'b'));
    expect(twin?.modRevision).toBe(entry.modRevision);
    expect(twin?.value).toBe(entry.value);
  }
  const history: WatchBatch[] = await takeBatches(
    store.watch('t/', { afterRevision: 0n }),
    entries.filter(({ key }) => /^t\/.*a$/.test(key)).length,
  );
  expect(history.every((batch) => batch.changes.length === 2)).toBe(true);
}

/** Kills a writer at a random moment, many times over one store, which is opened and checked after each. */
async function survive(kills: number): Promise<number> {
  const directory = newDirectory();
  const outcomes: Outcomes = { acknowledged: new Map(), failed: new Map() };
  for (let round = 0; round < kills; round += 1) {
    const before = outcomes.acknowledged.size;
    const enough = before + 1 + Math.floor(Math.random() * 40);
    const writer: TestProcess = new TestProcess({
      command: process.execPath,
      args: ['--import', 'tsx', WRITER, directory, String(round * 100_000), '100000', '200'],
      onLine: (line) => {
        record(line, outcomes);
        if (outcomes.acknowledged.size >= enough) writer.signal('SIGKILL');
      },
    });
    expect(await writer.exited, writer.output).toBe('SIGKILL');
    expect(outcomes.acknowledged.size).toBeGreaterThan(before);
    await withStore(directory, async (store) => {
      await check(store, outcomes);
      expect(await store.get('session')).toBeUndefined();
    });
  }
  return outcomes.acknowledged.size;
}

/** How often each of two writers is killed. */
const KILLS = Number(process.env['QUORATE_COORDINATOR_KILLS'] ?? 8);

describe('the embedded coordinator on disk', () => {
  it(`has every acknowledged transaction, and none by halves, after ${2 * KILLS} kills at any moment`, async () => {
    const acknowledged = await Promise.all([survive(KILLS), survive(KILLS)]);
    expect(acknowledged.every((count) => count >= KILLS)).toBe(true);
  });

  it('refuses, wholly, what the disk does not take, and goes on', async () => {
    const directory = newDirectory();
    const outcomes: Outcomes = { acknowledged: new Map(), failed: new Map() };
    let onEnd: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (onEnd = resolve));
    // No file may grow beyond 256 KiB: a write to the log fails in the middle of a batch.
    const limited = ['-c', 'ulimit -f 256; exec "$0" "$@"', process.execPath];
    const writer = new TestProcess({
      command: 'bash',
      args: [...limited, '--import', 'tsx', WRITER, directory, '0', '300', '500'],
      onLine: (line) => {
        record(line, outcomes);
        if (line === 'end') onEnd();
      },
    });
    // It holds the store open until it is killed.
    await Promise.race([ended, writer.exited]);
    await writer.end();

    expect(outcomes.acknowledged.size + outcomes.failed.size, writer.output).toBe(300);
    expect(outcomes.acknowledged.size).toBeGreaterThan(200);
    expect(new Set(outcomes.failed.values())).toEqual(new Set(['UNAVAILABLE']));
    await withStore(directory, (store) => check(store, outcomes));
  });

  it('tells a second opener which directory is in use', async () => {
    const directory = newDirectory();
    await withStore(directory, async () => {
      const second = new EmbeddedCoordinator({ directory });
      const starting = second.start();
      await expect(starting).rejects.toBeInstanceOf(CoordinatorUnavailableError);
      await expect(starting).rejects.toThrow(`${directory} is in use by another process`);
      await second.stop();
    });
    await withStore(directory, (store) => put(store, 'a', '1'));
  });

  it('keeps revisions, history and compaction over a restart', async () => {
    const directory = newDirectory();
    const [second, third] = await withStore(directory, async (store) => {
      await put(store, 'a', '1');
      const revisions = [await put(store, 'a', '2'), await put(store, 'a', '3')];
      await store.compact(revisions[0] ?? 0n);
      return revisions;
    });
    await withStore(directory, async (store) => {
      expect((await store.status()).revision).toBe(third);
      const [batch] = await takeBatches(store.watch('', { afterRevision: second ?? 0n }), 1);
      expect(batch?.revision).toBe(third);
      await expect(store.watch('', { afterRevision: 1n }).next()).rejects.toMatchObject({
        compactRevision: second,
      });
    });
  });

  it('forgets the oldest history by itself', async () => {
    const directory = newDirectory();
    const store = new EmbeddedCoordinator({ directory, historyRevisions: 50 });
    await store.start();
    for (let index = 0; index < 200; index += 1) await put(store, 'a', String(index));
    const { revision } = await store.status();

    await expect(store.watch('', { afterRevision: 1n }).next()).rejects.toMatchObject({ code: 'COMPACTED' });
    expect(await takeBatches(store.watch('', { afterRevision: revision - 50n }), 50)).toHaveLength(50);
    await store.stop();
  });
});
