import { COMMANDS } from './commands/table.js';
import { LatencyHistogram, type LatencyBucket } from './latency-histogram.js';

/** What a proxy has done since it was started. */
export interface ProxyStats {
  readonly sessions: { readonly current: number; readonly total: bigint; readonly refused: bigint };
  /** Requests answered or being answered, those that the proxy answers itself included. */
  readonly operations: bigint;
  /** Requests answered with an error by the proxy itself. */
  readonly proxyErrors: bigint;
  /** Requests answered with an error by a server. */
  readonly serverErrors: bigint;
  /** Requests that wait for a server's answer, those of lost connections included. */
  readonly inFlight: number;
  /** Sessions whose next request waits for a change of topology. */
  readonly heldSessions: number;
  /** Requests by command name, without the commands that were never asked for. */
  readonly operationsByCommand: ReadonlyMap<string, bigint>;
  /** From reading a request to reading its answer, over all requests that were forwarded. */
  readonly latency: {
    readonly p50Ms: number;
    readonly p99Ms: number;
    readonly samples: bigint;
    readonly histogram: readonly LatencyBucket[];
  };
}

/** The counters behind {@link ProxyStats}. Plain numbers: exact up to 2^53. */
export class Counters {
  sessions = 0;
  sessionsTotal = 0;
  sessionsRefused = 0;
  heldSessions = 0;
  proxyErrors = 0;
  serverErrors = 0;
  unknownCommands = 0;
  readonly byCommand = new Float64Array(COMMANDS.length);
  readonly latency = new LatencyHistogram();

  get operations(): number {
    let sum = this.unknownCommands;
    for (const count of this.byCommand) sum += count;
    return sum;
  }

  read(inFlight: number): ProxyStats {
    const operationsByCommand = new Map<string, bigint>();
    COMMANDS.forEach((command, index) => {
      const count = this.byCommand[index]!;
      if (count > 0) operationsByCommand.set(command.name, BigInt(count));
    });
    return {
      sessions: {
        current: this.sessions,
        total: BigInt(this.sessionsTotal),
        refused: BigInt(this.sessionsRefused),
      },
      operations: BigInt(this.operations),
      proxyErrors: BigInt(this.proxyErrors),
      serverErrors: BigInt(this.serverErrors),
      inFlight,
      heldSessions: this.heldSessions,
      operationsByCommand,
      latency: {
        p50Ms: this.latency.percentile(0.5),
        p99Ms: this.latency.percentile(0.99),
        samples: BigInt(this.latency.samples),
        histogram: this.latency.read(),
      },
    };
  }
}
