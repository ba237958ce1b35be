import { delay } from '../../common/async.js';
import type { MoveSpeed } from '../topology/records.js';
import type { Answered, ClientsOfServer } from '../topology/request-statistics.js';

/** What a server's clients feel, as the proxies see it; null when no proxy tells anything of it. */
export type LookAtClients = (server: string) => ClientsOfServer | null;

/** How much of a server's time a move takes at first, at least, and at most while it has clients. */
const FIRST_SHARE = 0.12;
const LEAST_SHARE = 0.09;
const MOST_SHARE = 0.7;
/** What is looked at is new once a second. */
const LOOK_MS = 1_000;
const STEP_UP = 0.04;
const CUT = 0.75;
/** One second alone may have been slow for any reason. */
const SECONDS_TO_CUT = 2;
/** With fewer requests a second nobody is held up much, and a mean says nothing. */
const FEW_REQUESTS = 20;
/** The server is a part of what clients wait for: those that keep one request under way each keep two thirds. */
const MEAN_FACTOR = 2;
const P99_FACTOR = 2;
/** Timers and sockets are not more exact. */
const MEAN_SLACK_MS = 0.05;
const P99_SLACK_MS = 0.5;
/** Shorter rests are gathered: a timer takes as long. */
const SHORTEST_REST_MS = 2;
/** While the move waits for something else the server rests, too; of that so much is made use of afterwards. */
const MOST_CREDIT_MS = 50;

/**
 * Holds a move back so that the clients of its source go on nearly as before. It takes a share of the server's time, which
 * grows while they feel little and shrinks when they wait longer than before the move. The share has a floor, so that the
 * move ends whatever else slows the server down.
 */
export class Pace {
  private share = FIRST_SHARE;
  /** What clients waited without the move; null while that is not known. */
  private usual: Answered | null;
  private recent: Answered | null = null;
  private lookedAt = performance.now();
  private owedMs = 0;
  private slowSeconds = 0;
  private idleSince = performance.now();

  constructor(
    readonly server: string,
    private readonly speed: MoveSpeed,
    private readonly look: LookAtClients,
  ) {
    const clients = look(server);
    this.usual = clients !== null && hasRequests(clients.lately) ? clients.lately : null;
    this.recent = clients?.recent ?? null;
  }

  /**
   * To be called when the server has worked for the move.
   *
   * @param workedMs for how long it served nobody else
   */
  async rest(workedMs: number, signal: AbortSignal): Promise<void> {
    if (this.speed === 'FAST') return;
    if (performance.now() - this.lookedAt >= LOOK_MS) this.adapt();
    if (!this.spares) return;
    const idleMs = performance.now() - workedMs - this.idleSince;
    this.owedMs = Math.max(-MOST_CREDIT_MS, this.owedMs - Math.max(0, idleMs));
    this.owedMs += workedMs * (1 / this.share - 1);
    this.idleSince = performance.now();
    if (this.owedMs >= SHORTEST_REST_MS) await delay(this.owedMs, signal);
  }

  /** Whether the source has clients that are to be spared. */
  get spares(): boolean {
    return this.speed === 'GENTLE' && hasRequests(this.recent);
  }

  /** For people; null when it holds nothing back. */
  describe(): string | null {
    const { usual, recent } = this;
    if (!this.spares || recent === null) return null;
    const before = usual === null ? '' : ` (${inMs(usual.meanMs)} before the move)`;
    return (
      `It takes ${Math.round(100 * this.share)} % of the time of ${this.server}, whose clients wait ` +
      `${inMs(recent.meanMs)}${before}.`
    );
  }

  private adapt(): void {
    this.lookedAt = performance.now();
    const recent = this.look(this.server)?.recent ?? null;
    const hadRequests = hasRequests(this.recent);
    this.recent = recent;
    if (!hasRequests(recent)) {
      this.share = FIRST_SHARE;
      return;
    }
    if (this.usual === null) {
      // Clients that have come since the move began are measured while it does hardly anything.
      if (hadRequests && this.share === LEAST_SHARE) this.usual = recent;
      this.share = LEAST_SHARE;
      return;
    }
    const feel =
      recent.meanMs > this.usual.meanMs * MEAN_FACTOR + MEAN_SLACK_MS ||
      recent.p99Ms > this.usual.p99Ms * P99_FACTOR + P99_SLACK_MS;
    this.slowSeconds = feel ? this.slowSeconds + 1 : 0;
    if (!feel) this.share = Math.min(MOST_SHARE, this.share + STEP_UP);
    else if (this.slowSeconds >= SECONDS_TO_CUT) this.share = Math.max(LEAST_SHARE, this.share * CUT);
  }
}

function hasRequests(answered: Answered | null): answered is Answered {
  return answered !== null && answered.samples >= FEW_REQUESTS;
}

function inMs(ms: number): string {
  return `${ms.toFixed(ms < 10 ? 2 : 0)} ms`;
}

/** The paces of all sources of one operation. */
export class Paces {
  private readonly byServer = new Map<string, Pace>();

  constructor(
    private readonly speed: () => MoveSpeed,
    private readonly look: LookAtClients,
  ) {}

  of(server: string): Pace {
    let pace = this.byServer.get(server);
    if (!pace) this.byServer.set(server, (pace = new Pace(server, this.speed(), this.look)));
    return pace;
  }

  describe(): string | null {
    const held = [...this.byServer.values()].flatMap((pace) => pace.describe() ?? []);
    return held.length === 0 ? null : held.join(' ');
  }
}
