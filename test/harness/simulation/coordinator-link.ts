import {
  CoordinatorUnavailableError,
  OutcomeUnknownError,
  type CallOptions,
} from '../../../src/coordinator/index.js';
import { abortReason } from '../../../src/common/async.js';
import type { Random } from '../random.js';
import type { SimulatedProcess } from './simulated-process.js';
import type { World } from './world.js';

/** How the way between a process and the coordinator is. */
export interface LinkFaults {
  /** Nothing passes. */
  isCut: boolean;
  /** Of a thousand requests, so many are lost on their way, or their answers are. */
  lossPerMille: number;
  /** Of a thousand requests, so many come late, maybe when nobody waits for them any more. */
  latePerMille: number;
}

/** How long a request is waited for. */
const PATIENCE_MS = 1_000;
const LATE_MS = 2_500;

/** The way of one process to the coordinator and back. */
export class CoordinatorLink {
  readonly faults: LinkFaults = { isCut: false, lossPerMille: 0, latePerMille: 0 };

  constructor(
    private readonly world: World,
    readonly process: SimulatedProcess | null,
    private readonly random: Random,
  ) {}

  delay(): number {
    return 0.2 + this.random.below(40) / 10;
  }

  /** Asks, and hears the answer, or an error when its time has passed. */
  ask<T>(work: () => T, isWrite: boolean, options: CallOptions = {}): Promise<T> {
    const { world, process, random, faults } = this;
    const { signal } = options;
    return new Promise((resolve, reject) => {
      let isSent = false;
      const onAbort = (): void => reject(abortReason(signal!));
      if (signal?.aborted) return onAbort();
      signal?.addEventListener('abort', onAbort, { once: true });
      const end = (): void => signal?.removeEventListener('abort', onAbort);
      const timeout = world.later(PATIENCE_MS + random.below(50), process, () => {
        end();
        reject(isWrite && isSent ? unknown() : unavailable());
      });
      const answer = (settle: () => void): void => {
        if (faults.isCut || this.happens(faults.lossPerMille)) return;
        world.later(this.delay(), process, () => {
          timeout.isCancelled = true;
          end();
          settle();
        });
      };
      if (faults.isCut) return;
      isSent = true;
      if (this.happens(faults.lossPerMille)) return;
      const late = this.happens(faults.latePerMille) ? random.below(LATE_MS) : 0;
      world.later(this.delay() + late, null, () => {
        try {
          const result = work();
          answer(() => resolve(result));
        } catch (error) {
          answer(() => reject(error as Error));
        }
      });
    });
  }

  private happens(perMille: number): boolean {
    return perMille > 0 && this.random.below(1_000) < perMille;
  }
}

function unknown(): OutcomeUnknownError {
  return new OutcomeUnknownError('The simulated coordinator did not answer: what became of it is unknown.');
}

function unavailable(): CoordinatorUnavailableError {
  return new CoordinatorUnavailableError('The simulated coordinator cannot be reached.');
}
