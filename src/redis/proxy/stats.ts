import { COMMANDS } from './commands/table.js';
import { originOf } from './error-replies.js';
import type { LatencyBucket } from '../latency-histogram.js';
import { REQUEST_CELLS, RequestCounts } from './request-counts.js';

/** Servers that are counted one by one; a proxy has met more only after years of changing addresses. */
const MAX_SERVERS = 1_024;

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
  /** Connections to servers that are open or being opened. */
  readonly serverConnections: number;
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

/** The counts behind {@link ProxyStats}, which can be added up and sent to another process. */
export interface Tally {
  readonly sessions: number;
  readonly sessionsTotal: number;
  readonly sessionsRefused: number;
  readonly heldSessions: number;
  readonly inFlight: number;
  readonly serverConnections: number;
  /** Requests that the proxy answered with an error itself. */
  readonly proxyErrors: number;
  /** Requests that a server answered with an error. */
  readonly serverErrors: number;
  readonly unknownCommands: number;
  /** By index of the command. */
  readonly byCommand: Float64Array;
  /** Requests that were forwarded and all errors, as {@link RequestCounts}. */
  readonly requests: Float64Array;
  /** The same by server; failures of the proxy are in both. */
  readonly servers: ReadonlyMap<string, Float64Array>;
}

/** Counts of one process. Plain numbers: exact up to 2^53. */
export class Counters {
  sessions = 0;
  sessionsTotal = 0;
  sessionsRefused = 0;
  heldSessions = 0;
  proxyErrors = 0;
  serverErrors = 0;
  unknownCommands = 0;
  readonly byCommand = new Float64Array(COMMANDS.length);
  private readonly servers = new Map<string, RequestCounts>();
  /** What is no server's, or of one too many. */
  private readonly rest = new RequestCounts();

  get operations(): number {
    return sum(this.byCommand) + this.unknownCommands;
  }

  /** Where requests to a server are counted. */
  of(server: string): RequestCounts {
    const known = this.servers.get(server);
    if (known !== undefined) return known;
    if (this.servers.size >= MAX_SERVERS) return this.rest;
    const counts = new RequestCounts();
    this.servers.set(server, counts);
    return counts;
  }

  /** A request was answered with this error by the proxy. */
  noteFailure(reply: Buffer): void {
    const { kind, server } = originOf(reply);
    this.proxyErrors++;
    this.rest.failed(kind);
    if (server !== null) this.servers.get(server)?.failed(kind);
  }

  /** The counts as they are now; some of its arrays are those that go on counting. */
  tally(inFlight: number, serverConnections: number): Tally {
    const { sessions, sessionsTotal, sessionsRefused, heldSessions } = this;
    const { proxyErrors, serverErrors, unknownCommands, byCommand } = this;
    const requests = new RequestCounts(this.rest.cells.slice());
    for (const counts of this.servers.values()) requests.add(counts.withoutFailures().cells);
    return {
      ...{ sessions, sessionsTotal, sessionsRefused, heldSessions, inFlight, serverConnections },
      ...{ proxyErrors, serverErrors, unknownCommands, byCommand },
      requests: requests.cells,
      servers: new Map([...this.servers].map(([server, { cells }]) => [server, cells])),
    };
  }
}

/** What several processes have counted together. */
export function addTallies(tallies: readonly Tally[]): Tally {
  const total = (of: (tally: Tally) => number): number => tallies.reduce((so, tally) => so + of(tally), 0);
  const totals = (of: (tally: Tally) => Float64Array, length: number): Float64Array => {
    const result = new Float64Array(length);
    for (const tally of tallies) of(tally).forEach((count, i) => (result[i]! += count));
    return result;
  };
  return {
    sessions: total((tally) => tally.sessions),
    sessionsTotal: total((tally) => tally.sessionsTotal),
    sessionsRefused: total((tally) => tally.sessionsRefused),
    heldSessions: total((tally) => tally.heldSessions),
    inFlight: total((tally) => tally.inFlight),
    serverConnections: total((tally) => tally.serverConnections),
    proxyErrors: total((tally) => tally.proxyErrors),
    serverErrors: total((tally) => tally.serverErrors),
    unknownCommands: total((tally) => tally.unknownCommands),
    byCommand: totals((tally) => tally.byCommand, COMMANDS.length),
    requests: totals((tally) => tally.requests, REQUEST_CELLS),
    servers: addServers(tallies),
  };
}

function addServers(tallies: readonly Tally[]): Map<string, Float64Array> {
  const sums = new Map<string, RequestCounts>();
  for (const { servers } of tallies) {
    for (const [server, cells] of servers) {
      const sum = sums.get(server);
      if (sum === undefined) sums.set(server, new RequestCounts(cells.slice()));
      else sum.add(cells);
    }
  }
  return new Map([...sums].map(([server, { cells }]) => [server, cells]));
}

/** What is left of a process that has ended: nothing is open any more, but what it did counts. */
export function withoutSessions(tally: Tally): Tally {
  return { ...tally, sessions: 0, heldSessions: 0, inFlight: 0, serverConnections: 0 };
}

export function toStats(tally: Tally): ProxyStats {
  const operationsByCommand = new Map<string, bigint>();
  COMMANDS.forEach((command, index) => {
    const count = tally.byCommand[index]!;
    if (count > 0) operationsByCommand.set(command.name, BigInt(count));
  });
  const { latency } = new RequestCounts(tally.requests);
  return {
    sessions: {
      current: tally.sessions,
      total: BigInt(tally.sessionsTotal),
      refused: BigInt(tally.sessionsRefused),
    },
    operations: BigInt(operationsOf(tally)),
    proxyErrors: BigInt(tally.proxyErrors),
    serverErrors: BigInt(tally.serverErrors),
    inFlight: tally.inFlight,
    serverConnections: tally.serverConnections,
    heldSessions: tally.heldSessions,
    operationsByCommand,
    latency: {
      p50Ms: latency.percentile(0.5),
      p99Ms: latency.percentile(0.99),
      samples: BigInt(latency.samples),
      histogram: latency.read(),
    },
  };
}

/** Requests answered or being answered, those that the proxy answers itself included. */
export function operationsOf({ byCommand, unknownCommands }: Tally): number {
  return sum(byCommand) + unknownCommands;
}

function sum(counts: Float64Array): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
