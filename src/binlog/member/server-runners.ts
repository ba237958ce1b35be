import type { SecretBox } from '../../common/secret-box.js';
import type { Logger } from '../../telemetry/logger.js';
import type { BinlogView } from '../control/binlog-view.js';
import type { SlaveNeed } from '../control/journal-purges.js';
import type { BinlogServerRecord } from '../control/server-record.js';
import type { SlaveInfo } from '../server/binlog-server.js';
import type { JournalStore } from './journal-store.js';
import { ServerRunner } from './server-runner.js';

export interface ServerRunnersOptions {
  readonly binlog: BinlogView;
  readonly store: JournalStore;
  readonly secrets: SecretBox;
  readonly memberName: string;
  /** Where the certificates are that this member has made. */
  readonly tlsDirectory: string;
  readonly log: Logger;
}

interface Entry {
  readonly runner: ServerRunner;
  /** What it was started by. */
  readonly revision: bigint;
}

/** The binlog servers of this member, kept as the records say. */
export class ServerRunners {
  private readonly entries = new Map<string, Entry>();
  /** By name: one must have let go of its port before the next takes it. */
  private readonly ending = new Map<string, Promise<void>>();
  private readonly listeners = new Set<(name: string) => void>();
  private unwatch: () => void = () => undefined;
  private isStopped = false;

  constructor(private readonly options: ServerRunnersOptions) {}

  start(): void {
    const { binlog, store } = this.options;
    const unsubscribe = binlog.view.subscribe(() => this.reconcile());
    const forget = store.onChange(() => {
      for (const name of this.entries.keys()) this.emit(name);
    });
    this.unwatch = () => {
      unsubscribe();
      forget();
    };
    this.reconcile();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.unwatch();
    for (const name of [...this.entries.keys()]) this.end(name);
    await Promise.all(this.ending.values());
  }

  /** Undefined when it does not run here, and is not to. */
  get(name: string): ServerRunner | undefined {
    return this.entries.get(name)?.runner;
  }

  list(): { readonly name: string; readonly runner: ServerRunner; readonly revision: bigint }[] {
    return [...this.entries].map(([name, entry]) => ({ name, ...entry }));
  }

  isHere({ member }: BinlogServerRecord): boolean {
    return member === null || member === this.options.memberName;
  }

  /** Called with a server's name when its state or its slaves have changed; answers how to end that. */
  onChange(listener: (name: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The need of the slave that is the furthest behind, among those of all servers here. */
  neededBy(): SlaveNeed | null {
    let need: SlaveNeed | null = null;
    for (const [name, { runner }] of this.entries) {
      for (const slave of runner.slaves()) {
        if (need === null || slave.offset < need.offset)
          need = { offset: slave.offset, who: nameOf(slave, name) };
      }
    }
    return need;
  }

  private reconcile(): void {
    if (this.isStopped) return;
    const wanted = this.options.binlog.servers().filter(({ value }) => value.isWanted && this.isHere(value));
    const revisions = new Map(wanted.map(({ id, revision }) => [id, revision]));
    for (const [name, { revision }] of [...this.entries])
      if (revisions.get(name) !== revision) this.end(name);
    for (const { id, value, revision } of wanted) {
      if (!this.entries.has(id) && !this.ending.has(id)) this.begin(id, value, revision);
    }
  }

  private begin(name: string, record: BinlogServerRecord, revision: bigint): void {
    const onChange = (): void => this.emit(name);
    const runner = new ServerRunner({ ...this.options, name, record, onChange });
    this.entries.set(name, { runner, revision });
    runner.start();
    this.emit(name);
  }

  private end(name: string): void {
    const entry = this.entries.get(name);
    if (!entry) return;
    this.entries.delete(name);
    const ended = entry.runner.stop().finally(() => {
      this.ending.delete(name);
      this.emit(name);
      this.reconcile();
    });
    this.ending.set(name, ended);
  }

  private emit(name: string): void {
    for (const listener of this.listeners) listener(name);
  }
}

/** A slave, for people. */
export function nameOf({ connectionId, serverId, address }: SlaveInfo, server: string): string {
  return `Slave ${connectionId} of binlog server ${server} (server_id ${serverId}, ${address})`;
}
