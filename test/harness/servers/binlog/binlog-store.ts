import type { SecureContext } from 'node:tls';
import { campaign, type Leadership } from '../../../../src/coordinator/leadership.js';
import { SecretBox } from '../../../../src/common/secret-box.js';
import { Journal } from '../../../../src/binlog/journal/journal.js';
import { JournalTerm } from '../../../../src/binlog/replication/journal-term.js';
import type { JournalTermOptions } from '../../../../src/binlog/replication/journal-term-options.js';
import type { GtidSet } from '../../../../src/binlog/protocol/gtid/gtid-set.js';
import { MariadbGtidSet } from '../../../../src/binlog/protocol/gtid/mariadb-gtid-set.js';
import { BinlogServer } from '../../../../src/binlog/server/binlog-server.js';
import type { SourceFacts } from '../../../../src/binlog/syncer/source-facts.js';
import { runSyncer } from '../../../../src/binlog/syncer/syncer.js';
import { SYNCER_PASSWORD_CONTEXT, type SyncerRecord } from '../../../../src/binlog/syncer/syncer-record.js';
import { SyncerStatus } from '../../../../src/binlog/syncer/syncer-status.js';
import { createLogger, type Logger, type LogLevel } from '../../../../src/telemetry/logger.js';
import { REPL } from '../mysql/accounts.js';
import { removeTemporaryDirectory, temporaryDirectory } from '../tmp.js';
import { FaultyCoordinator } from '../../faults/faulty-coordinator.js';

/** Of MariaDB only the last GTID of each domain, as its own replicas tell. */
export function executedText(set: GtidSet | null): string {
  return set instanceof MariadbGtidSet ? set.position().toString() : String(set ?? '');
}

const LEADER_KEY = 'leadership/leader';
export const SYNCER_UUID = '0000c0de-0000-4000-8000-000000000001';
export const SYNCER_SERVER_ID = 4_000_001;

export interface BinlogStoreOptions {
  /** Unless told, one of its own, which goes away when it is stopped. */
  readonly directory?: string;
  /** Unless it is to be in the other one. */
  readonly journalDirectory?: string;
  readonly segmentBytes?: number;
  /** How often the source says that it is there. */
  readonly heartbeatMs?: number;
  /** Offered to clients. */
  readonly tls?: SecureContext;
  readonly demandsTls?: boolean;
  readonly catchUpMs?: number;
  readonly maxConnections?: number;
  /** After a crash, the next one leads only when this has passed. */
  readonly sessionMs?: number;
  /** 0: any that is free. */
  readonly port?: number;
  /** Gets what the store logs, from warnings on. */
  readonly onLog?: (line: string) => void;
}

/** The part of the membership that a term needs, where there is one member only. */
export function alone(
  memberId: string,
): Pick<JournalTermOptions, 'memberId' | 'voterSource' | 'catchUpLimit' | 'fetch'> {
  return {
    memberId,
    catchUpLimit: { bytesPerSecond: 2 ** 30 },
    voterSource: {
      voters: () => ({ ids: [memberId], condition: { key: 'membership/record', modRevision: 0n } }),
      refresh: () => Promise.resolve(),
      onChange: () => () => undefined,
    },
    fetch: () => Promise.reject(new Error('There is nobody to fetch from.')),
  };
}

/** A binlog server around a journal. */
export function createServer(
  journal: Journal,
  log: Logger,
  options: BinlogStoreOptions = {},
  source: () => SourceFacts | null = () => null,
): BinlogServer {
  return new BinlogServer({
    name: 'b1',
    listen: { host: '127.0.0.1', port: options.port ?? 0 },
    accounts: { passwordOf: (user) => (user === REPL.user ? REPL.password : null) },
    tls: options.tls ?? null,
    demandsTls: options.demandsTls === true,
    journal,
    identity: () => ({ serverId: SYNCER_SERVER_ID, serverUuid: SYNCER_UUID }),
    source,
    maxConnections: options.maxConnections ?? 100,
    loginTimeoutMs: 10_000,
    ...(options.catchUpMs !== undefined && { catchUpMs: options.catchUpMs }),
    log,
  });
}

/** The binlog store's part of one member, in this process, over a coordinator of its own: journal, syncer and binlog server. */
export class BinlogStore {
  readonly status = new SyncerStatus();
  readonly secrets = new SecretBox(SecretBox.generateKey());
  private syncing: { stop: AbortController; done: Promise<void> } | null = null;

  private constructor(
    readonly directory: string,
    readonly coordinator: FaultyCoordinator,
    readonly leadership: Leadership,
    readonly journal: Journal,
    readonly term: JournalTerm,
    readonly server: BinlogServer,
    private readonly log: Logger,
    private readonly heartbeatMs: number | undefined,
    private readonly isOwnDirectory: boolean,
    private readonly known: { source: SourceFacts | null },
  ) {}

  static async start(options: BinlogStoreOptions = {}): Promise<BinlogStore> {
    const directory = options.directory ?? temporaryDirectory('binlog-store');
    const { onLog } = options;
    const log =
      onLog === undefined
        ? createLogger((process.env['QUORATE_TEST_LOG'] ?? 'silent') as LogLevel)
        : createLogger('warn', {}, { write: onLog });
    const coordinator = new FaultyCoordinator({ directory: `${directory}/coordinator` });
    await coordinator.start();
    const session = await coordinator.openSession(options.sessionMs ?? 5_000);
    const leadership = await campaign(coordinator, LEADER_KEY, 'm1', session);
    const journal = await Journal.open({
      directory: options.journalDirectory ?? `${directory}/journal`,
      segmentBytes: options.segmentBytes ?? 64 * 2 ** 20,
      log,
    });
    const term = await JournalTerm.begin({ coordinator, leadership, journal, log, ...alone('m1') });
    const known: { source: SourceFacts | null } = { source: null };
    const server = createServer(journal, log, options, () => known.source);
    await server.start();
    return new BinlogStore(
      directory,
      coordinator,
      leadership,
      journal,
      term,
      server,
      log,
      options.heartbeatMs,
      options.directory === undefined,
      known,
    );
  }

  get port(): number {
    return this.server.address.port;
  }

  /** Follows a source until it is stopped or follows another one. */
  async follow(source: { readonly port: number }, changes: Partial<SyncerRecord> = {}): Promise<void> {
    await this.unfollow();
    const record: SyncerRecord = {
      isWanted: true,
      serverId: String(SYNCER_SERVER_ID),
      serverUuid: SYNCER_UUID,
      sourceAddress: `127.0.0.1:${source.port}`,
      user: REPL.user,
      sealedPassword: this.secrets.seal(REPL.password, SYNCER_PASSWORD_CONTEXT),
      semiSync: false,
      flavour: null,
      tls: { mode: 'PREFERRED', ca: null, cert: null, sealedKey: null },
      startAfterGtidSet: null,
      mayLack: false,
      skips: [],
      ...changes,
    };
    const stop = new AbortController();
    const { journal, term, secrets, status, log, heartbeatMs } = this;
    const onSource = (facts: SourceFacts): Promise<void> => {
      this.known.source = facts;
      return Promise.resolve();
    };
    const done = runSyncer(
      record,
      { journal, term, secrets, status, log, onSource, ...(heartbeatMs !== undefined && { heartbeatMs }) },
      stop.signal,
    );
    this.syncing = { stop, done };
  }

  async unfollow(): Promise<void> {
    this.syncing?.stop.abort(new Error('The test has stopped the syncer.'));
    await this.syncing?.done;
    this.syncing = null;
  }

  /** What the journal has committed, as servers tell what they have executed. */
  get executed(): string {
    return executedText(this.journal.executedGtidSet);
  }

  /** Resolves when the journal has committed all of the set; fails when the source is refused. */
  async reach(set: string, timeoutMs = 60_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (this.executed !== set) {
      if (this.status.state === 'FAILED' || performance.now() > deadline) {
        throw new Error(
          `The journal has ${this.executed} instead of ${set}; ` +
            `the syncer is ${this.status.state}: ${this.status.reason}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async stop({ keep = false } = {}): Promise<void> {
    await this.server.stop();
    await this.unfollow();
    await this.term.close();
    await this.journal.close();
    await this.leadership.resign();
    await this.coordinator.stop();
    if (this.isOwnDirectory && !keep) removeTemporaryDirectory(this.directory);
  }
}
