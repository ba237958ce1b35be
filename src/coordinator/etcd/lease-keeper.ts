import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { errorMessage } from '../../common/errors.js';
import { threadFile } from '../../common/thread-file.js';
import { CoordinatorUnavailableError } from '../errors.js';
import type { KeptLease } from './lease.js';
import type { EtcdCoordinatorOptions } from './options.js';
import { SharedMoment } from './steady-clock.js';

/** A process whose event loop has not turned for so long is not held for alive any more. */
const SILENCE_MS = 10_000;
const SIGN_INTERVAL_MS = 500;

/** The data with which the thread is started. */
export interface ThreadData {
  readonly options: EtcdCoordinatorOptions;
  readonly callTimeoutMs: number;
  readonly signOfLife: SharedArrayBuffer;
  readonly silenceMs: number;
}

export type ToThread =
  | { readonly keep: { readonly lease: KeptLease; readonly validUntil: SharedArrayBuffer } }
  | { readonly forget: string };
export type ToProcess = { readonly ready: true } | { readonly lost: string };

/** Called when etcd or the thread says that a lease is not kept any more. */
type OnLost = (reason: string) => void;

/**
 * Has leases kept alive by a thread of their own, which runs while there are any. The thread writes until when a lease
 * is certainly valid to memory that both share: it is read without waiting for a message.
 */
export class LeaseKeeper {
  private readonly signOfLife = new SharedMoment();
  private readonly kept = new Map<string, OnLost>();
  private thread: Promise<Worker> | undefined;
  private worker: Worker | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly options: EtcdCoordinatorOptions,
    private readonly callTimeoutMs: number,
  ) {}

  /**
   * Resolves when the thread runs, so that a lease that is granted then is renewed in time.
   *
   * @throws {CoordinatorUnavailableError} the thread cannot be started
   */
  async ready(): Promise<void> {
    this.thread ??= this.startThread();
    await this.thread;
  }

  /** To be called after `ready`. The thread moves `validUntil` on, until `forget`. */
  keep(lease: KeptLease, validUntil: SharedMoment, onLost: OnLost): void {
    this.kept.set(lease.id, onLost);
    this.emit({ keep: { lease, validUntil: validUntil.buffer as SharedArrayBuffer } });
  }

  forget(id: string): void {
    if (this.kept.delete(id)) this.emit({ forget: id });
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    const { thread } = this;
    this.thread = undefined;
    this.worker = undefined;
    await thread?.then((worker) => worker.terminate()).catch(() => undefined);
  }

  private emit(message: ToThread): void {
    void this.thread?.then((worker) => worker.postMessage(message)).catch(() => undefined);
  }

  private async startThread(): Promise<Worker> {
    this.signOfLife.value = performance.now();
    clearInterval(this.timer);
    this.timer = setInterval(() => (this.signOfLife.value = performance.now()), SIGN_INTERVAL_MS).unref();
    const { endpoints, root, username, password, tls } = this.options;
    const workerData: ThreadData = {
      options: {
        ...{ endpoints, root },
        ...(username !== undefined && { username }),
        ...(password !== undefined && { password }),
        ...(tls !== undefined && { tls }),
      },
      callTimeoutMs: this.callTimeoutMs,
      signOfLife: this.signOfLife.buffer as SharedArrayBuffer,
      silenceMs: SILENCE_MS,
    };
    const worker = new Worker(threadFile('lease-thread', import.meta.url), { workerData });
    this.worker = worker;
    let reason = 'it has ended';
    worker.on('error', (error) => (reason = `it failed: ${errorMessage(error)}`));
    const ended = once(worker, 'exit').then(() => {
      this.onThreadEnd(worker, reason);
      throw new CoordinatorUnavailableError(`The thread that keeps sessions alive does not run: ${reason}.`);
    });
    await Promise.race([once(worker, 'message'), ended]);
    ended.catch(() => undefined);
    // It ends with the process, and does not hold it up.
    worker.unref();
    worker.on('message', (message: ToProcess) => {
      if (!('lost' in message)) return;
      const onLost = this.kept.get(message.lost);
      this.kept.delete(message.lost);
      onLost?.('etcd has ended it');
    });
    return worker;
  }

  /** The next session starts another thread. */
  private onThreadEnd(worker: Worker, reason: string): void {
    if (this.worker !== worker) return;
    clearInterval(this.timer);
    this.worker = undefined;
    this.thread = undefined;
    const lost = [...this.kept.values()];
    this.kept.clear();
    for (const onLost of lost) onLost(`the thread that keeps it: ${reason}`);
  }
}
