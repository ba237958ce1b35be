import { Demo } from './demo.js';
import { greeting } from './greeting.js';
import { leaveSignalsToProgram } from '../../test/harness/servers/at-exit.js';
import { provide } from './needs.js';
import { parseOptions, USAGE, UsageError, type DemoOptions } from './options.js';

const USAGE_STATUS = 2;

/**
 * Runs the demo until it is stopped.
 *
 * @param build makes sure that the program is built
 * @returns the exit status
 */
export async function main(args: readonly string[], build: () => void): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(USAGE);
    return 0;
  }
  let options: DemoOptions;
  try {
    options = parseOptions(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${USAGE}`);
    return USAGE_STATUS;
  }
  let startedAt: number;
  try {
    provide();
    if (options.builds) build();
    startedAt = performance.now();
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    return 1;
  }
  return run(options, startedAt);
}

async function run(options: DemoOptions, startedAt: number): Promise<number> {
  leaveSignalsToProgram();
  const demo = new Demo(options, (text) => process.stdout.write(`${text}\n`));
  process.once('exit', () => demo.endNow());
  const asked = untilAsked(() => demo.endNow());
  let status = 0;
  try {
    const places = await Promise.race([demo.start(), asked]);
    if (places !== undefined) {
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
      process.stdout.write(greeting(places, options, seconds));
      const ends: Promise<unknown>[] = [asked];
      if (options.forMs !== null)
        ends.push(new Promise((resolve) => setTimeout(resolve, options.forMs!).unref()));
      if (options.chaos) ends.push(demo.breakThings());
      await Promise.race(ends);
    }
  } catch (error) {
    process.stderr.write(`The demo cannot go on: ${messageOf(error)}\n`);
    status = 1;
  }
  process.stdout.write('Stopping...\n');
  await demo.stop();
  const { redis, source } = demo.load;
  process.stdout.write(
    `Stopped; nothing is left. Redis answered ${redis.done} requests and ${redis.failed} failed, ` +
      `the source took ${source.done} transactions and ${source.failed} failed.\n`,
  );
  return status;
}

/** Resolves at the first signal; at the second, everything ends at once. */
function untilAsked(endNow: () => void): Promise<undefined> {
  return new Promise((resolve) => {
    let count = 0;
    const onSignal = (): void => {
      if (count++ === 0) resolve(undefined);
      else endNow();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
