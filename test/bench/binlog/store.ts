import { readFileSync } from 'node:fs';
import buildProgram from '../../support/build.js';
import { REPL } from '../../support/mysql/accounts.js';
import { freePort } from '../../support/ports.js';
import { QuorateMember } from '../../support/quorate.js';

const START = `mutation ($a: String!, $u: String!, $p: String!, $s: Boolean!) {
  startSyncer(input: {
    serverId: 4000001, serverUuid: "0000c0de-0000-4000-8000-000000000001",
    sourceAddress: $a, user: $u, password: $p, semiSync: $s
  }) { userErrors { message } }
}`;
const SERVE = `mutation ($a: String!, $u: String!, $p: String!) {
  startBinlogServer(input: { name: "b1", address: $a, user: $u, password: $p }) { userErrors { message } }
}`;
const LOOK = '{ journal { executedGtidSet sizeBytes } syncer { state stateReason } }';

interface Look {
  readonly journal: { readonly executedGtidSet: string; readonly sizeBytes: string };
  readonly syncer: { readonly state: string; readonly stateReason: string | null };
}

/** A member with a binlog server, as its users start it. */
export class StoreProcess {
  private constructor(
    private readonly member: QuorateMember,
    /** Where replicas connect to. */
    readonly port: number,
  ) {}

  static async start(): Promise<StoreProcess> {
    await buildProgram();
    const member = await QuorateMember.start();
    const port = await freePort();
    await member.run(SERVE, { a: `127.0.0.1:${port}`, u: REPL.user, p: REPL.password });
    return new StoreProcess(member, port);
  }

  get pid(): number {
    return this.member.process.pid;
  }

  /** Follows a source; resolves when it has committed all of the set. */
  async ingest(port: number, set: string, semiSync = false): Promise<{ seconds: number; bytes: number }> {
    await this.member.ask('mutation { stopSyncer { userErrors { message } } }');
    const startedAt = performance.now();
    const login = { a: `127.0.0.1:${port}`, u: REPL.user, p: REPL.password, s: semiSync };
    await this.member.run(START, login);
    for (;;) {
      const { journal, syncer } = await this.member.run<Look>(LOOK);
      if (journal.executedGtidSet === set && syncer.state === 'RUNNING')
        return { seconds: (performance.now() - startedAt) / 1_000, bytes: Number(journal.sizeBytes) };
      if (syncer.state === 'FAILED') throw new Error(String(syncer.stateReason));
      // Asking costs the member as well.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** The largest resident memory so far, in MiB. */
  get peakMemory(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1_024;
  }

  async stop(): Promise<void> {
    await this.member.stop();
  }
}
