import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CLIENTS, median, SETTINGS, VALUES } from './settings.js';
import { cpuSeconds } from './targets.js';
import type { Target, Targets } from './targets.js';

const KEY_SPACE = 100_000;
const KEY = 'key:__rand_int__';
const KEYS_OF_MGET = 10;
/** How many times the requests of depth 1, by pipeline depth. */
const DEPTHS: Readonly<Record<number, number>> = { 1: 1, 16: 5, 64: 10 };
export const COMMANDS = ['SET', 'GET', `MGET ${KEYS_OF_MGET}`];

export interface Load {
  readonly value: number;
  readonly pipeline: number;
  readonly command: string;
}

export interface Row extends Load {
  readonly target: string;
  /** The median of the rounds. */
  readonly rps: number;
  readonly perCpuSecond: number | null;
  readonly rounds: readonly number[];
}

interface Run {
  readonly rps: number;
  readonly perCpuSecond: number | null;
}

/** redis-benchmark against every target, in turns that change from round to round, for all loads. */
export async function measureThroughput({ all }: Targets): Promise<Row[]> {
  const loads = VALUES.flatMap((value) =>
    Object.keys(DEPTHS).flatMap((depth) =>
      COMMANDS.map((command): Load => ({ value, pipeline: Number(depth), command })),
    ),
  );
  const rows: Row[] = [];
  let filled = 0;
  for (const load of loads) {
    if (load.value !== filled) for (const target of all) await fill(target, load.value);
    filled = load.value;
    const runs = new Map<Target, Run[]>(all.map((target) => [target, []]));
    for (let round = 0; round < SETTINGS.rounds; round++) {
      for (let i = 0; i < all.length; i++) {
        const target = all[(i + round) % all.length]!;
        runs.get(target)!.push(await measure(target, load));
      }
    }
    for (const [target, results] of runs) rows.push(summarise(target, load, results));
  }
  return rows;
}

/** One line for each load, the targets beside each other, in thousands. */
export function throughputTable(rows: readonly Row[], targets: Targets) {
  const loads = new Map<string, Row[]>();
  for (const row of rows) {
    const load = `${row.command}, ${row.value} B, P${row.pipeline}`;
    loads.set(load, [...(loads.get(load) ?? []), row]);
  }
  return Object.fromEntries(
    [...loads].map(([load, results]) => {
      const of = ({ name }: Target): Row => results.find(({ target }) => target === name)!;
      const [peer, ours] = [of(targets.nutcracker), of(targets.quorate)];
      const cells = Object.fromEntries(results.map(({ target, rps }) => [target, thousands(rps)]));
      return [
        load,
        {
          ...cells,
          ratio: ratio(ours.rps, peer.rps),
          'nutcracker/cpu-s': thousands(peer.perCpuSecond!),
          'quorate/cpu-s': thousands(ours.perCpuSecond!),
          'ratio/cpu-s': ratio(ours.perCpuSecond!, peer.perCpuSecond!),
          ...besideOther(results, ours),
        },
      ];
    }),
  );
}

/** Our proxy next to that of another checkout, where one is measured. */
function besideOther(results: readonly Row[], ours: Row): Readonly<Record<string, number>> {
  const other = results.find(({ target }) => target === 'other');
  if (!other) return {};
  return {
    'to other': ratio(ours.rps, other.rps),
    'to other/cpu-s': ratio(ours.perCpuSecond!, other.perCpuSecond!),
  };
}

function summarise(target: Target, load: Load, runs: readonly Run[]): Row {
  const rates = runs.map(({ rps }) => rps);
  return {
    ...load,
    target: target.name,
    rps: Math.round(median(rates)),
    perCpuSecond: target.pid === null ? null : Math.round(median(runs.map((run) => run.perCpuSecond!))),
    rounds: rates.map((rate) => Math.round(rate)),
  };
}

/** Gives nearly all keys a value of the size, and warms the target up. */
async function fill(target: Target, value: number): Promise<void> {
  await benchmark(target, 4 * KEY_SPACE, 64, value, ['-t', 'set']);
}

async function measure(target: Target, { value, pipeline, command }: Load): Promise<Run> {
  const multi = command.startsWith('MGET');
  const requests = Math.round((SETTINGS.requests * DEPTHS[pipeline]!) / (multi ? 5 : 1));
  const what = multi ? ['mget', ...Array<string>(KEYS_OF_MGET).fill(KEY)] : ['-t', command.toLowerCase()];
  const before = cpuSeconds(target);
  const rps = await benchmark(target, requests, pipeline, value, what);
  const cpu = cpuSeconds(target) - before;
  return { rps, perCpuSecond: target.pid === null ? null : requests / cpu };
}

/** Requests per second of one run of redis-benchmark. */
async function benchmark(
  { port }: Target,
  requests: number,
  pipeline: number,
  value: number,
  what: readonly string[],
): Promise<number> {
  const args = [
    ...['-p', String(port), '-c', String(CLIENTS), '-n', String(requests), '-P', String(pipeline)],
    ...['-r', String(KEY_SPACE), '-d', String(value), '--csv'],
    ...what,
  ];
  // Against a server that is gone redis-benchmark tries for ever.
  const limits = { timeout: 120_000, killSignal: 'SIGKILL' } as const;
  const { stdout } = await promisify(execFile)('redis-benchmark', args, limits);
  const rps = Number(/^"[^"]*","([\d.]+)"/m.exec(stdout.split('\n').slice(1).join('\n'))?.[1]);
  if (!(rps > 0)) throw new Error(`redis-benchmark ${args.join(' ')} printed no rate: ${stdout}`);
  return rps;
}

function thousands(value: number): number {
  return Math.round(value / 100) / 10;
}

function ratio(a: number, b: number): number {
  return Math.round((100 * a) / b) / 100;
}
