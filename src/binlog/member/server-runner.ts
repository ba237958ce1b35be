import { createSecureContext, type SecureContext } from 'node:tls';
import { parseAddress } from '../../common/address.js';
import { Backoff, delay, raceAbort, sharedAbortController, untilAborted } from '../../common/async.js';
import { errorMessage } from '../../common/errors.js';
import type { SecretBox } from '../../common/secret-box.js';
import type { Logger } from '../../telemetry/logger.js';
import type { BinlogView } from '../control/binlog-view.js';
import {
  serverKeyContext,
  serverPasswordContext,
  type BinlogServerRecord,
} from '../control/server-record.js';
import type { Journal } from '../journal/journal.js';
import { BinlogServer, type SlaveInfo } from '../server/binlog-server.js';
import type { JournalStore } from './journal-store.js';
import { ownCertificate } from './own-certificate.js';

const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 15_000;
const MAX_CONNECTIONS = 1_000;
const LOGIN_TIMEOUT_MS = 10_000;
const WAITING = 'It listens once this member knows what of its journal is committed.';

export interface ServerRunnerOptions {
  readonly name: string;
  readonly record: BinlogServerRecord;
  readonly binlog: BinlogView;
  readonly store: JournalStore;
  readonly secrets: SecretBox;
  readonly memberName: string;
  /** Where the certificates are that this member has made. */
  readonly tlsDirectory: string;
  readonly log: Logger;
  /** Called when the state of the server or its slaves have changed. */
  readonly onChange: () => void;
}

/** One binlog server of this member, from the moment it is wanted until it is not: listens, or tries again. */
export class ServerRunner {
  private readonly stopping = sharedAbortController();
  private running: Promise<void> = Promise.resolve();
  private server: BinlogServer | null = null;
  private currentProblem: string | null = null;
  private waiting: string | null = null;

  constructor(private readonly options: ServerRunnerOptions) {}

  get state(): 'STARTING' | 'RUNNING' | 'FAILED' {
    if (this.server !== null) return 'RUNNING';
    return this.failure === null ? 'STARTING' : 'FAILED';
  }

  /** Why it does not listen; null when it does, or is about to. */
  get reason(): string | null {
    return this.server === null ? (this.failure ?? this.waiting) : null;
  }

  private get failure(): string | null {
    return this.currentProblem ?? this.options.store.problem;
  }

  /** What it listens with; null while it does not. */
  get listening(): Pick<BinlogServer, 'sent' | 'counters'> | null {
    return this.server;
  }

  slaves(): SlaveInfo[] {
    return this.server?.slaves() ?? [];
  }

  disconnect(connectionId: number): boolean {
    return this.server?.disconnect(connectionId) ?? false;
  }

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort(new Error('The binlog server was stopped.'));
    await this.running;
  }

  private async run(): Promise<void> {
    const { name, store, log, onChange } = this.options;
    const { signal } = this.stopping;
    const backoff = new Backoff(RETRY_MIN_MS, RETRY_MAX_MS);
    while (!signal.aborted) {
      try {
        await this.serve(await store.untilOpen(signal));
      } catch (error) {
        if (signal.aborted) break;
        this.currentProblem = errorMessage(error);
        log.warn({ server: name, reason: this.currentProblem }, 'A binlog server cannot start; trying again');
        onChange();
        await delay(backoff.next(), signal).catch(() => undefined);
      }
    }
  }

  /** Until it is stopped. */
  private async serve(journal: Journal): Promise<void> {
    const { name, log, onChange } = this.options;
    const server = this.create(journal, await this.tls());
    await this.untilCommitIsKnown(journal);
    await server.start();
    const unsubscribe = server.onSlaves(onChange);
    this.server = server;
    this.currentProblem = null;
    log.info({ server: name, address: this.options.record.address }, 'A binlog server listens');
    onChange();
    try {
      await untilAborted(this.stopping.signal);
    } finally {
      this.server = null;
      unsubscribe();
      await server.stop();
    }
  }

  /**
   * A journal that was just opened counts as committed only once its member knows so. A replica that comes before, and has
   * more than that, would be told that it has what the source never had, and would stop for good.
   */
  private async untilCommitIsKnown(journal: Journal): Promise<void> {
    const { binlog, onChange } = this.options;
    const committed = binlog.commit()?.offset ?? 0;
    try {
      while (journal.flavour !== null && journal.committedOffset < committed) {
        this.waiting = WAITING;
        onChange();
        await raceAbort(journal.nextCommit(), this.stopping.signal);
      }
    } finally {
      this.waiting = null;
    }
  }

  private create(journal: Journal, tls: SecureContext | null): BinlogServer {
    const { name, record, binlog, secrets, log } = this.options;
    const password = secrets.open(record.sealedPassword, serverPasswordContext(name));
    return new BinlogServer({
      name,
      listen: parseAddress(record.address)!,
      accounts: { passwordOf: (user) => (user === record.user ? password : null) },
      tls,
      demandsTls: record.tls?.mode === 'REQUIRED',
      journal,
      identity: () => binlog.identity(),
      source: () => binlog.source(),
      maxConnections: MAX_CONNECTIONS,
      loginTimeoutMs: LOGIN_TIMEOUT_MS,
      log: log.child({ binlogServer: name }),
    });
  }

  /** By the certificate that was given, or by one of its own. */
  private async tls(): Promise<SecureContext | null> {
    const { name, record, secrets, memberName, tlsDirectory: directory } = this.options;
    if (record.tls === null) return null;
    const { ca, cert, sealedKey } = record.tls;
    const { host } = parseAddress(record.address)!;
    const shown =
      cert === null || sealedKey === null
        ? await ownCertificate({ directory, name, memberName, host })
        : { cert, key: secrets.open(sealedKey, serverKeyContext(name)) };
    return createSecureContext({ ...shown, ...(ca !== null && { ca }) });
  }
}
