import { formatAddress, parseAddress } from '../../common/address.js';
import { refuse } from '../../common/refused.js';
import type { SecretBox } from '../../common/secret-box.js';
import type { Stored } from '../../cluster/collection.js';
import { checkExpectedRevision, type Claim, type Proposals, type Proposed } from '../../cluster/proposals.js';
import { collections } from '../../cluster/records.js';
import type { WriteOperation } from '../../coordinator/types.js';
import type { BinlogView } from './binlog-view.js';
import {
  binlogServerCollections,
  serverKeyContext,
  serverPasswordContext,
  type BinlogServerRecord,
} from './server-record.js';
import { checkTls, type TlsSettings } from './tls-input.js';

export interface StartBinlogServer {
  readonly name: string;
  readonly member?: string | null | undefined;
  readonly address: string;
  readonly user: string;
  readonly password: string;
  readonly tls?: TlsSettings | null | undefined;
  readonly expectedRevision?: bigint | null | undefined;
}

export interface NamedServer {
  readonly name: string;
  readonly expectedRevision?: bigint | null | undefined;
}

const { servers } = binlogServerCollections;

/** Changes of binlog servers: what is to listen where. Each member carries out what concerns it. */
export class BinlogServerChanges {
  constructor(
    private readonly binlog: BinlogView,
    private readonly proposals: Proposals,
    private readonly secrets: SecretBox,
  ) {}

  /** Also one that was stopped, with other settings. */
  async start(input: StartBinlogServer, actor: string, claim?: Claim): Promise<Proposed | null> {
    const record = this.newRecord(input);
    return this.proposals.run(() => {
      const current = this.binlog.server(input.name);
      checkExpectedRevision(input.expectedRevision, current?.revision ?? 0n, `Binlog server ${input.name}`);
      if (current?.value.isWanted) {
        const advice = 'Stop it first to start it with other settings.';
        refuse('ALREADY_RUNNING', 'name', `Binlog server ${input.name} runs already. ${advice}`);
      }
      this.checkPlace(input.name, record);
      const description = `Started binlog server ${input.name} at ${record.address}`;
      return this.draft(input.name, current, [this.put(input.name, record)], description, actor);
    }, claim);
  }

  /** It keeps its settings; its slaves are disconnected. */
  async stop({ name, expectedRevision }: NamedServer, actor: string): Promise<Proposed | null> {
    return this.proposals.run(() => {
      const current = this.require(name, 'name', expectedRevision);
      if (!current.value.isWanted) refuse('NOT_RUNNING', 'name', `Binlog server ${name} is stopped already.`);
      const put = this.put(name, { ...current.value, isWanted: false });
      return this.draft(name, current, [put], `Stopped binlog server ${name}`, actor);
    });
  }

  /** Stops it when it runs, and forgets it. */
  async remove({ name, expectedRevision }: NamedServer, actor: string): Promise<Proposed | null> {
    return this.proposals.run(() => {
      const current = this.require(name, 'name', expectedRevision);
      const operations = [{ delete: servers.key(name) }];
      return this.draft(name, current, operations, `Removed binlog server ${name}`, actor);
    });
  }

  /** Enters into the feed that a slave was disconnected. */
  async noteDisconnected(name: string, connectionId: number, actor: string): Promise<Proposed | null> {
    return this.proposals.run(() => {
      const current = this.require(name, 'binlogServer');
      const description = `Disconnected slave ${connectionId} of binlog server ${name}`;
      return this.draft(name, current, [], description, actor);
    });
  }

  private newRecord(input: StartBinlogServer): BinlogServerRecord {
    const address = parseAddress(input.address);
    if (!address) refuse('INVALID_INPUT', 'address', `"${input.address}" is not of the form HOST:PORT.`);
    const sealedPassword = this.secrets.seal(input.password, serverPasswordContext(input.name));
    return {
      isWanted: true,
      member: input.member ?? null,
      address: formatAddress(address),
      user: input.user,
      sealedPassword,
      tls: this.sealTls(input.name, input.tls ?? { mode: 'PREFERRED' }),
    };
  }

  private sealTls(name: string, tls: TlsSettings): BinlogServerRecord['tls'] {
    checkTls(tls);
    const { mode, ca = null, cert = null, key = null } = tls;
    if (mode === 'DISABLED') return null;
    if (mode === 'VERIFY_CA' || mode === 'VERIFY_IDENTITY') {
      const message =
        `A binlog server knows its clients by their passwords and asks none for a certificate (${mode}). ` +
        'With REQUIRED it lets nobody in without TLS.';
      return refuse('UNSUPPORTED', ['tls', 'mode'], message);
    }
    const sealedKey = key === null ? null : this.secrets.seal(key, serverKeyContext(name));
    return { mode, ca, cert, sealedKey };
  }

  private checkPlace(name: string, { member, address }: BinlogServerRecord): void {
    if (member !== null && !this.binlog.view.get(collections.members, member)) {
      refuse('NOT_FOUND', 'member', `There is no member ${member} running.`);
    }
    const other = this.binlog
      .servers()
      .find(
        ({ id, value }) =>
          id !== name &&
          value.isWanted &&
          value.address === address &&
          (value.member === null || member === null || value.member === member),
      );
    if (other) refuse('IN_USE', 'address', `Binlog server ${other.id} listens at ${address} already.`);
  }

  private require(
    name: string,
    field: string,
    expected?: bigint | null | undefined,
  ): Stored<BinlogServerRecord> {
    const current = this.binlog.server(name);
    if (!current) return refuse('NOT_FOUND', field, `There is no binlog server ${name}.`);
    checkExpectedRevision(expected, current.revision, `Binlog server ${name}`);
    return current;
  }

  private put(name: string, record: BinlogServerRecord): WriteOperation {
    return { put: servers.key(name), value: servers.encode(record) };
  }

  private draft(
    name: string,
    current: Stored<BinlogServerRecord> | undefined,
    operations: readonly WriteOperation[],
    description: string,
    actor: string,
  ) {
    return {
      conditions: [{ key: servers.key(name), modRevision: current?.revision ?? 0n }],
      operations,
      action: {
        type: 'BINLOG_SERVER_CHANGED' as const,
        description,
        target: `binlogServer/${name}`,
        actor,
      },
    };
  }
}
