import { EventEmitter } from 'node:events';
import { VERSION } from '../common/version.js';
import type { StateView } from './view.js';

/** Something that is not as it should be, as a domain finds it. */
export interface Finding {
  readonly severity: 'WARNING' | 'CRITICAL';
  /** What it is about, e.g. `proxy/p1`. */
  readonly subject: string;
  readonly message: string;
}

export interface Problem extends Finding {
  /** When this member first found it. */
  readonly since: Date;
}

const LOOK_INTERVAL_MS = 1_000;

/** Asks the domains once a second what is wrong, and remembers since when. */
export class ProblemBook {
  private readonly events = new EventEmitter();
  private current = new Map<string, Problem>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly find: () => readonly Finding[]) {
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
    const next = new Map<string, Problem>();
    let changed = false;
    for (const finding of this.find()) {
      const key = `${finding.subject} ${finding.message}`;
      const known = this.current.get(key);
      changed ||= known === undefined;
      next.set(key, { ...finding, since: known?.since ?? new Date() });
    }
    changed ||= next.size !== this.current.size;
    this.current = next;
    if (changed) this.events.emit('changed');
  }
}

/** Records that this member cannot read: what it decides and shows of them is old. */
export function recordFindings(view: StateView): Finding[] {
  return view.unreadable().map(({ key, reason }) => ({
    severity: 'CRITICAL',
    subject: `record/${key}`,
    message: `This member, of version ${VERSION}, goes by an old value of a record. ${reason} Update this member.`,
  }));
}
