import { z } from 'zod';
import { Collection } from '../../../src/cluster/collection.js';
import { StateView, type AnyCollection, type ViewBatch } from '../../../src/cluster/view.js';
import {
  EmbeddedCoordinator,
  type Coordinator,
  type WatchBatch,
  type WatchOptions,
} from '../../../src/coordinator/index.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { removeTemporaryDirectory, temporaryDirectory } from '../../harness/servers/tmp.js';

export const fruits = new Collection('fruits/', z.object({ color: z.string() }));
export type Fruit = { color: string };

/** The embedded coordinator, whose watches can be held up and broken. */
export interface Store {
  readonly coordinator: Coordinator;
  /** From now on watches deliver nothing. */
  hold(): void;
  /** Held watches go on, or end with this error; the next ones work. */
  release(failure?: Error): void;
  put(id: string, color: string): Promise<bigint>;
  putText(key: string, value: string): Promise<bigint>;
  remove(id: string): Promise<bigint>;
  dispose(): Promise<void>;
}

export async function openStore(): Promise<Store> {
  const directory = temporaryDirectory('cluster');
  const inner = new EmbeddedCoordinator({ directory });
  await inner.start();
  let gate = Promise.resolve();
  let open: () => void = () => undefined;
  let failure: Error | undefined;

  async function* interruptible(options: WatchOptions): AsyncGenerator<WatchBatch> {
    for await (const batch of inner.watch('', options)) {
      await gate;
      if (failure) {
        const thrown = failure;
        failure = undefined;
        throw thrown;
      }
      yield batch;
    }
  }
  const coordinator = new Proxy<Coordinator>(inner, {
    get: (target, name) => {
      if (name === 'watch') return (_prefix: string, options: WatchOptions) => interruptible(options);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  const write = async (operation: { put: string; value: string } | { delete: string }): Promise<bigint> => {
    const result = await inner.commit({ conditions: [], operations: [operation] });
    return result.revision;
  };
  return {
    coordinator,
    hold: () => void (gate = new Promise((resolve) => (open = resolve))),
    release: (error) => {
      failure = error;
      open();
      gate = Promise.resolve();
    },
    put: (id, color) => write({ put: fruits.key(id), value: fruits.encode({ color }) }),
    putText: (key, value) => write({ put: key, value }),
    remove: (id) => write({ delete: fruits.key(id) }),
    dispose: async () => {
      open();
      await inner.stop();
      removeTemporaryDirectory(directory);
    },
  };
}

/** A log that keeps its lines. */
export function recordingLog(): { log: ReturnType<typeof createLogger>; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>);
  return { log: createLogger('info', {}, { write }), lines };
}

/** A view that has started, and every batch that it has published since. */
export async function openView(
  coordinator: Coordinator,
  collections: readonly AnyCollection[],
  log = createLogger('silent'),
): Promise<{ view: StateView; batches: ViewBatch[] }> {
  const view = new StateView(coordinator, collections, log);
  const batches: ViewBatch[] = [];
  view.subscribe((batch) => void batches.push(batch));
  await view.start();
  return { view, batches };
}

/** What a batch changed, as `id: before -> after`. */
export function described(batch: ViewBatch): string[] {
  return batch.changes.map(({ id, before, after }) => {
    const color = (record: typeof after): string =>
      (record as { value: Fruit } | undefined)?.value.color ?? '-';
    return `${id}: ${color(before)} -> ${color(after)}`;
  });
}
