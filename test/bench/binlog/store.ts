import { readFileSync } from 'node:fs';
import buildProgram from '../../harness/servers/build.js';
import { startEtcd, type EtcdCluster } from '../../harness/servers/etcd.js';
import { REPL } from '../../harness/servers/mysql/accounts.js';
import { freePort } from '../../harness/servers/ports.js';
import { QuorateMember } from '../../harness/servers/quorate.js';

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

/** A member with a binlog server, as its users start it; or several, over an etcd of three. */
export class StoreProcess {
  private constructor(
    readonly members: readonly QuorateMember[],
    /** Where replicas connect to. */
    readonly port: number,
    private readonly etcd: EtcdCluster | null,
  ) {}

  static async start(count = 1): Promise<StoreProcess> {
    await buildProgram();
    const etcd = count === 1 ? null : await startEtcd({ members: 3 });
    const members: QuorateMember[] = [];
    for (let i = 1; i <= count; i++) {
      const secretKey = members[0]?.secretKey;
      members.push(
        await QuorateMember.start({
          name: `m${i}`,
          ...(etcd && { etcd: etcd.endpoints }),
          ...(secretKey !== undefined && { secretKey }),
        }),
      );
    }
    const port = await freePort();
    await members[0]!.run(SERVE, { a: `127.0.0.1:${port}`, u: REPL.user, p: REPL.password });
    return new StoreProcess(members, port, etcd);
  }

  get pids(): number[] {
    return this.members.map(({ process }) => process.pid);
  }

  private get member(): QuorateMember {
    return this.members[0]!;
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

  /** The largest resident memory of a member so far, in MiB. */
  get peakMemory(): number {
    return Math.max(...this.pids.map(peakOf));
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
    await this.etcd?.stop();
  }
}

function peakOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1_024;
}
