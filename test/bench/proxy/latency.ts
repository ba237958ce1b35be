import { runPacedLoad } from './paced-load.js';
import type { Latencies } from './paced-load.js';
import { CLIENTS, median, SETTINGS, VALUES } from './settings.js';
import type { Targets } from './targets.js';
import type { Row } from './throughput.js';

const SHARE_OF_PEAK = 0.5;

export interface LatencyRow {
  readonly value: number;
  readonly command: string;
  readonly target: string;
  /** The same for all targets: half of what the slower of them can do. */
  readonly requestsPerSecond: number;
  /** Medians over the rounds, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly rate: number;
}

/**
 * How long requests take at half of the peak rate of the slower proxy, without pipelines, measured from when
 * each was due.
 */
export async function measureLatency(targets: Targets, throughput: readonly Row[]): Promise<LatencyRow[]> {
  const compared = [targets.nutcracker, targets.quorate];
  const rows: LatencyRow[] = [];
  for (const value of VALUES) {
    for (const command of ['SET', 'GET'] as const) {
      const peaks = throughput.filter(
        (row) =>
          row.value === value &&
          row.command === command &&
          row.pipeline === 1 &&
          compared.some(({ name }) => name === row.target),
      );
      const requestsPerSecond = Math.round(SHARE_OF_PEAK * Math.min(...peaks.map(({ rps }) => rps)));
      const results = compared.map((): Latencies[] => []);
      for (let round = 0; round < SETTINGS.rounds; round++) {
        for (let i = 0; i < compared.length; i++) {
          const index = (i + round) % compared.length;
          const { port } = compared[index]!;
          const load = { port, command, valueBytes: value, connections: CLIENTS, requestsPerSecond };
          results[index]!.push(await runPacedLoad({ ...load, seconds: SETTINGS.latencySeconds }));
        }
      }
      compared.forEach(({ name }, index) => {
        const of = (part: keyof Latencies): number =>
          round3(median(results[index]!.map((each) => each[part])));
        const percentiles = { p50: of('p50'), p99: of('p99'), p999: of('p999') };
        rows.push({ value, command, target: name, requestsPerSecond, ...percentiles, rate: of('rate') });
      });
    }
  }
  return rows;
}

/** One line for each load and percentile pair, in milliseconds. */
export function latencyTable(rows: readonly LatencyRow[]) {
  return Object.fromEntries(
    rows.map((row) => [
      `${row.command}, ${row.value} B, ${row.target}`,
      {
        'wanted/s': row.requestsPerSecond,
        'answered/s': Math.round(row.rate),
        p50: row.p50,
        p99: row.p99,
        'p99.9': row.p999,
      },
    ]),
  );
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
