import { Random } from '../../random.js';

export const FAULT_KINDS = [
  'leader-killed',
  'leader-stopped',
  'proxy-killed',
  'proxy-stopped',
  'proxy-fenced',
  'redis-restarted',
  'redis-stopped',
  'etcd-leader-killed',
  'etcd-down',
  'proxy-cut-from-etcd',
  'proxy-cut-from-redis',
  'link-cut',
  'link-stalled',
  'cancel',
  'pause',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** When something happens: at the n-th time that slots are seen in a state, or at a part of the progress. */
export interface Trigger {
  readonly at: 'start' | 'held' | 'moving' | 'tenths';
  readonly n: number;
  readonly delayMs: number;
}

export interface PlannedFault {
  readonly kind: FaultKind;
  readonly trigger: Trigger;
  /** Until it is healed. */
  readonly durationMs: number;
  /** Which of the proxies and servers, from 0; which way of failing; how late held bytes arrive. */
  readonly proxy: number;
  readonly server: number;
  readonly variant: number;
  readonly lateMs: number;
}

export interface PlannedMove {
  /** Null: spread all slots evenly. */
  readonly move: { readonly source: number; readonly target: number; readonly count: number } | null;
  readonly delayMs: number;
}

export interface Schedule {
  readonly seed: number;
  readonly limits: {
    readonly keysPerSecond: number;
    readonly slotsPerBatch: number;
    readonly parallelPairs: number;
  };
  readonly moves: readonly PlannedMove[];
  readonly faults: readonly PlannedFault[];
}

/** So many faults in each schedule of a block of consecutive seeds; together all kinds, each once. */
const SHARES = [1, 2, 2, 2, 2, 3, 3];
/** Consecutive seeds, from a multiple of it on, that cover every kind of fault. */
export const BLOCK = SHARES.length;

const DURATIONS: Record<FaultKind, readonly [number, number]> = {
  'leader-killed': [0, 2_000],
  'leader-stopped': [2_000, 4_500],
  'proxy-killed': [0, 2_000],
  'proxy-stopped': [500, 1_500],
  'proxy-fenced': [0, 500],
  'redis-restarted': [0, 1_500],
  'redis-stopped': [500, 4_500],
  'etcd-leader-killed': [500, 2_500],
  'etcd-down': [10_000, 10_000],
  'proxy-cut-from-etcd': [500, 4_500],
  'proxy-cut-from-redis': [500, 4_000],
  'link-cut': [300, 2_500],
  'link-stalled': [3_000, 5_500],
  cancel: [0, 0],
  pause: [0, 1_000],
};

const GROUPS = [1, 2, 3];

/** Everything that is decided about the schedule of a seed: the same each time. */
export function planSchedule(seed: number): Schedule {
  const random = new Random(seed);
  const limits = {
    keysPerSecond: random.between(60, 140),
    slotsPerBatch: random.between(15, 80),
    parallelPairs: random.between(1, 2),
  };
  const moves = planMoves(random);
  return {
    seed,
    limits,
    moves,
    faults: kindsOf(seed).map((kind) => planFault(kind, moves, random.fork())),
  };
}

function kindsOf(seed: number): FaultKind[] {
  const block = Math.floor(seed / BLOCK);
  const random = new Random(-1 - block);
  const kinds = random.shuffle(FAULT_KINDS);
  const shares = random.shuffle(SHARES);
  const before = shares.slice(0, seed % BLOCK).reduce((sum, share) => sum + share, 0);
  return kinds.slice(before, before + shares[seed % BLOCK]!);
}

function planMoves(random: Random): PlannedMove[] {
  const moves: PlannedMove[] = [];
  for (let i = random.between(1, 2); i > 0; i--) {
    const delayMs = moves.length === 0 ? 0 : random.between(0, 1_500);
    const [source, target] = random.shuffle(GROUPS) as [number, number];
    const count = random.between(80, 160);
    moves.push({
      move: random.below(6) === 0 && moves.length > 0 ? null : { source, target, count },
      delayMs,
    });
  }
  return moves;
}

function planFault(kind: FaultKind, moves: readonly PlannedMove[], random: Random): PlannedFault {
  const { source, target } = random.pick(moves).move ?? { source: 1, target: 2 };
  // Links lead to the target; any other server is most interesting when it takes part in a move.
  const group = kind.startsWith('link') ? target : random.pick([source, source, target, target, 1, 2, 3]);
  return {
    kind,
    trigger: {
      at: random.pick(['start', 'held', 'held', 'moving', 'moving', 'tenths', 'tenths']),
      n: random.between(1, 3),
      delayMs: random.pick([0, 0, random.below(40), random.below(300)]),
    },
    durationMs: random.between(...DURATIONS[kind]),
    proxy: random.below(3),
    server: group - 1,
    variant: random.below(12),
    lateMs: random.between(0, 3_000),
  };
}

/** One line for people. */
export function describeSchedule({ moves, limits, faults }: Schedule): string {
  const moving = moves.map(({ move, delayMs }) =>
    move ? `+${delayMs} ms: ${move.count} slots ${move.source}>${move.target}` : `+${delayMs} ms: rebalance`,
  );
  const failing = faults.map(
    ({ kind, trigger: { at, n, delayMs }, durationMs, proxy, server, variant, lateMs }) =>
      `${kind} at ${at} ${n} +${delayMs} ms for ${durationMs} ms (proxy ${proxy + 1}, server ${server + 1}, ` +
      `variant ${variant}, late ${lateMs} ms)`,
  );
  return [...moving, JSON.stringify(limits), ...failing].join('; ');
}
