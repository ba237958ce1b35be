import { sharedAbortController } from '../common/async.js';
import { errorMessage, QuorateError } from '../common/errors.js';
import type { Logger } from '../telemetry/logger.js';

/** Something that runs in a process, and is started and stopped with it. */
export interface Part {
  readonly name: string;
  /** Rejects when the process cannot go on. */
  start(): Promise<void> | void;
  /** Stops also what has started in part only. */
  stop?(): Promise<void> | void;
}

class StoppedError extends QuorateError {
  constructor() {
    super('STOPPED', 'This process was asked to stop before it had started.');
  }
}

/** The parts of a process: started in the order of their list, stopped in the opposite one. */
export class Parts {
  private readonly begun: Part[] = [];
  private readonly started = new Set<string>();
  private readonly ending = sharedAbortController();

  constructor(private readonly log: Logger) {}

  /** Aborted as soon as the process is told to stop. */
  get stopping(): AbortSignal {
    return this.ending.signal;
  }

  hasStarted(name: string): boolean {
    return this.started.has(name);
  }

  /** Rejects with what is wrong with the first part that does not start, after all others have stopped again. */
  async start(parts: readonly Part[]): Promise<void> {
    try {
      for (const part of parts) await this.startOne(part);
    } catch (error) {
      const cause = this.stopping.aborted ? new StoppedError() : error;
      await this.stop();
      throw cause;
    }
  }

  /** Also ends a start that is under way. A part that does not stop cleanly is logged, and holds up no other. */
  async stop(): Promise<void> {
    this.ending.abort(new StoppedError());
    for (let part = this.begun.pop(); part !== undefined; part = this.begun.pop()) await this.stopOne(part);
  }

  private async startOne(part: Part): Promise<void> {
    this.stopping.throwIfAborted();
    this.begun.push(part);
    await part.start();
    this.started.add(part.name);
    if (!this.stopping.aborted) return;
    // The stop came before the part had anything to stop.
    await this.stopOne(part);
    throw new StoppedError();
  }

  private async stopOne(part: Part): Promise<void> {
    try {
      await part.stop?.();
    } catch (error) {
      this.log.warn({ part: part.name, reason: errorMessage(error) }, 'A part did not stop cleanly');
    }
  }
}

/** The entry of a list for something that has both. */
export function part(
  name: string,
  runs: { start(): Promise<void> | void; stop(): Promise<void> | void },
): Part {
  return { name, start: () => runs.start(), stop: () => runs.stop() };
}
