/** What a schedule leaves behind when nothing went wrong. */
export interface ScheduleResult {
  /** The same whenever the seed is. */
  readonly fingerprint: string;
  readonly lines: readonly string[];
}

const FIRST = 1;

/** The seeds to run: one of `QUORATE_SIMULATION_SEED`, or so many as `QUORATE_SIMULATION_SCHEDULES` says. */
export function seedsToRun(defaultCount: number, part = 0, parts = 1): number[] {
  const { QUORATE_SIMULATION_SEED: one, QUORATE_SIMULATION_SCHEDULES: count } = process.env;
  if (one !== undefined) return [Number(one)];
  const length = count === undefined ? defaultCount : Number(count);
  return Array.from({ length }, (_, i) => FIRST + i).filter((seed) => seed % parts === part);
}

/** Runs a schedule for each seed. @throws with the command that runs the first one again that fails */
export async function runSeeds(
  seeds: readonly number[],
  run: (seed: number, options: { readonly keepsTrace: boolean }) => Promise<ScheduleResult>,
  file: string,
): Promise<void> {
  const keepsTrace = seeds.length === 1;
  for (const seed of seeds) {
    try {
      await run(seed, { keepsTrace });
    } catch (error) {
      const command = `QUORATE_SIMULATION_SEED=${seed} npx vitest run --project simulation ${file}`;
      const lines = (error as { lines?: readonly string[] }).lines ?? [];
      throw new Error(`Seed ${seed}: ${String(error)}\n${lines.join('\n')}\nAgain: ${command}`, {
        cause: error,
      });
    }
  }
}
