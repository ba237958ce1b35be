const LATENCY_SECONDS = number('QUORATE_BENCH_LATENCY_SECONDS', 3);

/** How much `npm run bench -- proxy` measures; its README says what each is for. */
export const SETTINGS = {
  rounds: number('QUORATE_BENCH_ROUNDS', 3),
  /** Of one run at pipeline depth 1; deeper pipelines get more, so that each takes about a second. */
  requests: number('QUORATE_BENCH_REQUESTS', 30_000),
  latencySeconds: LATENCY_SECONDS,
  /** 0: no such target. */
  workers: number('QUORATE_BENCH_WORKERS', 0),
  /** A built checkout, for example of the release before, whose proxy is another target; null for none. */
  otherCheckout: process.env['QUORATE_BENCH_OTHER'] ?? null,
  measuresLatency: LATENCY_SECONDS > 0,
};

export const CLIENTS = 50;
export const VALUES = [3, 512];

function number(name: string, standard: number): number {
  const value = Number(process.env[name] ?? standard);
  if (!Number.isInteger(value) || value < 0) throw new Error(`${name} is a whole number, not '${value}'.`);
  return value;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
