import { EventEmitter } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { merged, type Finding } from './finding.js';

export interface Problem extends Finding {
  /** Unique among the problems of a moment, and the same at every member: code and subject. */
  readonly id: string;
  /** When it was first found: by a leader, whose successors keep it, else by this member. */
  readonly since: Date;
}

const LOOK_INTERVAL_MS = 1_000;

/**
 * Asks the domains once a second what is wrong, and remembers since when.
 *
 * Invariant: a problem is the same one while its code and its subject are, whatever its figures do.
 */
export class ProblemBook {
  private readonly events = new EventEmitter();
  private current = new Map<string, Problem>();
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param find all that is wrong now
   * @param knownSince when a leader first found the problem of that id, as the coordinator keeps it
   */
  constructor(
    private readonly find: () => readonly Finding[],
    private readonly knownSince: (id: string) => Date | undefined,
  ) {
    this.events.setMaxListeners(0);
  }

  start(): void {
    this.timer = setInterval(() => this.look(), LOOK_INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** The worst first, then the oldest. */
  list(): Problem[] {
    this.look();
    return [...this.current.values()].sort(
      (a, b) => Number(b.severity === 'CRITICAL') - Number(a.severity === 'CRITICAL') || +a.since - +b.since,
    );
  }

  subscribe(listener: () => void): () => void {
    this.events.on('changed', listener);
    return () => this.events.off('changed', listener);
  }

  private look(): void {
    const found = new Map<string, Finding>();
    for (const finding of this.find()) {
      const id = `problem/${finding.code}/${finding.subject}`;
      const other = found.get(id);
      found.set(id, other ? merged(other, finding) : finding);
    }
    const next = new Map<string, Problem>();
    for (const [id, finding] of found) {
      const known = this.knownSince(id);
      const own = this.current.get(id)?.since ?? new Date();
      next.set(id, { ...finding, id, since: known !== undefined && known < own ? known : own });
    }
    const changed = !isDeepStrictEqual([...this.current.values()], [...next.values()]);
    this.current = next;
    if (changed) this.events.emit('changed');
  }
}
