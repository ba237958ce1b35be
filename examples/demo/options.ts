/** What the demo was asked for. */
export interface DemoOptions {
  /** Requests a second at Redis. */
  readonly requestsPerSecond: number;
  /** At the source. */
  readonly transactionsPerSecond: number;
  readonly chaos: boolean;
  /** Whether the program is built when it is older than its sources. */
  readonly builds: boolean;
  /** Of the dashboard; the next free one when it is taken. */
  readonly port: number;
  /** How long it runs once it is ready; null: until it is stopped. */
  readonly forMs: number | null;
}

export const USAGE = `npm run demo -- [options]

  --pace gentle|busy|N  load: 300 Redis requests and 5 transactions a second (gentle),
                        3000 and 50 (busy), or N and N/60
  --chaos               every 20 to 40 s something is killed and started again
  --port N              of the dashboard (4000, or the next that is free)
  --for SECONDS         stops by itself, so long after it is ready
  --as-is               builds nothing: what was built last is used
  --help                this text
`;

const PACES: Readonly<Record<string, number>> = { gentle: 300, busy: 3_000 };

export class UsageError extends Error {}

/** @throws UsageError for anything that is not in {@link USAGE} */
export function parseOptions(args: readonly string[]): DemoOptions {
  let [pace, port] = [PACES['gentle']!, 4_000];
  let [chaos, builds] = [false, true];
  let forMs: number | null = null;
  for (let at = 0; at < args.length; at++) {
    const value = (): string => args[++at] ?? '';
    const option = args[at]!;
    switch (option) {
      case '--pace':
        pace = paceOf(value());
        break;
      case '--chaos':
        chaos = true;
        break;
      case '--port':
        port = numberOf('--port', value(), 65_000);
        break;
      case '--for':
        forMs = numberOf('--for', value(), 1_000_000) * 1_000;
        break;
      case '--as-is':
        builds = false;
        break;
      default:
        throw new UsageError(`Unknown option ${option}.`);
    }
  }
  const transactionsPerSecond = Math.max(1, Math.round(pace / 60));
  return { requestsPerSecond: pace, transactionsPerSecond, chaos, builds, port, forMs };
}

function paceOf(text: string): number {
  return PACES[text] ?? numberOf('--pace', text, 100_000);
}

function numberOf(option: string, text: string, max: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= max) return number;
  throw new UsageError(`${option} takes a whole number from 1 to ${max}, not "${text}".`);
}
