import { formatAddress, parseAddress } from '../../common/address.js';
import { refuse, RefusedError } from '../../common/refused.js';
import type { SecretBox } from '../../common/secret-box.js';
import type { Stored } from '../../cluster/collection.js';
import { checkExpectedRevision, type Claim, type Proposals, type Proposed } from '../../cluster/proposals.js';
import type { WriteOperation } from '../../coordinator/types.js';
import type { Journal } from '../journal/journal.js';
import { GtidSetError } from '../protocol/gtid/gtid-set-error.js';
import type { Flavour, GtidSet } from '../protocol/gtid/gtid-set.js';
import { shorten } from '../syncer/source-checks.js';
import { isPosition } from '../syncer/source-position.js';
import { sourceOptions, startAfter } from '../syncer/syncer.js';
import {
  IDENTITY_KEY,
  SYNCER_KEY,
  SYNCER_KEY_CONTEXT,
  SYNCER_PASSWORD_CONTEXT,
  syncerCollections,
  type SyncerRecord,
} from '../syncer/syncer-record.js';
import type { BinlogView } from './binlog-view.js';
import type { JournalRestarts } from './journal-restarts.js';
import { trySource } from './source-trial.js';
import { checkTls, type TlsSettings } from './tls-input.js';

export interface StartSyncer {
  readonly serverId: bigint;
  readonly serverUuid: string;
  readonly sourceAddress: string;
  readonly user: string;
  readonly password: string;
  readonly semiSync: boolean;
  readonly flavour?: Flavour | null | undefined;
  readonly tls?: TlsSettings | null | undefined;
  readonly startAfterGtidSet?: string | null | undefined;
  readonly expectedRevision?: bigint | null | undefined;
}

export interface SwitchSource {
  readonly sourceAddress: string;
  readonly user?: string | null | undefined;
  readonly password?: string | null | undefined;
  readonly tls?: TlsSettings | null | undefined;
  readonly force: boolean;
  readonly dryRun: boolean;
}

const PREFERRED: TlsSettings = { mode: 'PREFERRED' };

/**
 * Changes of the one syncer. What it is to follow is tried first: every refusal leaves everything as it was. Only the
 * leader can do this, because only its journal can be compared with the source.
 */
export class SyncerChanges {
  constructor(
    private readonly binlog: BinlogView,
    private readonly proposals: Proposals,
    private readonly secrets: SecretBox,
    /** The journal that the leader appends to; refuses while there is none. */
    private readonly journal: () => Promise<Journal>,
    private readonly restarts: Pick<JournalRestarts, 'draft'>,
  ) {}

  async start(input: StartSyncer, actor: string, claim?: Claim): Promise<Proposed | null> {
    const before = this.checkStartable(input.expectedRevision);
    const record = this.newRecord(input, before?.value);
    checkStartAfter(record);
    const journal = await this.journal();
    const behind = startAfter(record);
    if (behind !== null) checkEmpty(journal);
    // Which flavour it must be is asked below, where the answer names the input.
    const { flavour } = await this.try({ ...record, flavour: null }, behind === null ? journal : null);
    if (record.flavour !== null && record.flavour !== flavour) {
      const message = `The source ${record.sourceAddress} is ${flavour}, not ${record.flavour}.`;
      refuse('SOURCE_REFUSED', 'flavour', message);
    }
    return this.proposals.run(() => {
      const current = this.checkStartable(input.expectedRevision);
      const started = this.draft(current, record, `Started the syncer from ${record.sourceAddress}`, actor);
      if (behind === null || journal.flavour === null) return started;
      // It has begun, elsewhere, and has nothing yet.
      checkEmpty(journal);
      const { conditions, operations } = this.restarts.draft(flavour, behind);
      return {
        ...started,
        conditions: [...started.conditions, ...conditions],
        operations: [...started.operations, ...operations],
      };
    }, claim);
  }

  /** With `forget`, also what it was told is deleted, its passwords included. The journal stays. */
  async stop({ forget }: { readonly forget: boolean }, actor: string): Promise<Proposed | null> {
    return this.proposals.run(() => {
      const current = this.binlog.syncer();
      if (!current || (!current.value.isWanted && !forget)) {
        return refuse('NOT_RUNNING', null, 'The syncer is stopped already.');
      }
      if (!forget) {
        const record = { ...current.value, isWanted: false };
        return this.draft(current, record, 'Stopped the syncer', actor);
      }
      const { serverId, serverUuid } = current.value;
      const identity = syncerCollections.identity.encode({ serverId, serverUuid });
      const operations = [{ delete: SYNCER_KEY }, { put: IDENTITY_KEY, value: identity }];
      return this.change(current, operations, 'Stopped the syncer and forgot its source', actor);
    });
  }

  /**
   * To another source with the same history. A syncer that is stopped stays so.
   *
   * @returns null as well for a dry run that would succeed
   */
  async switchSource(input: SwitchSource, actor: string): Promise<Proposed | null> {
    const current = this.requireSyncer();
    const record = this.switched(current.value, input);
    await this.try(record, await this.journal());
    if (input.dryRun) return null;
    return this.proposals.run(() => {
      const now = this.requireSyncer();
      if (now.revision !== current.revision) {
        refuse('CONFLICT', null, 'Somebody changed the syncer meanwhile; look again and repeat.');
      }
      const how = input.force ? ' by force' : '';
      const from = current.value.sourceAddress;
      return this.draft(
        now,
        record,
        `Switched the syncer${how} from ${from} to ${record.sourceAddress}`,
        actor,
      );
    });
  }

  /**
   * Whether a syncer that is to run could go on behind these transactions. A source that is away is not waited for.
   *
   * @throws RefusedError when its source cannot be followed from there
   */
  async checkFrom(flavour: Flavour, executed: GtidSet): Promise<void> {
    const current = this.binlog.syncer();
    if (current?.value.isWanted !== true) return;
    try {
      await this.try(current.value, { flavour, executedGtidSet: executed });
    } catch (error) {
      if (!(error instanceof RefusedError) || error.code === 'SOURCE_UNAVAILABLE') return;
      const advice = 'Give another set, or use stopSyncer first to restart the journal all the same.';
      refuse('SOURCE_REFUSED', 'gtidSet', `${error.message} ${advice}`, { cause: error });
    }
  }

  private checkStartable(expected: bigint | null | undefined): Stored<SyncerRecord> | undefined {
    const current = this.binlog.syncer();
    checkExpectedRevision(expected, current?.revision ?? 0n, 'The syncer');
    if (current?.value.isWanted) {
      const from = current.value.sourceAddress;
      const advice = 'Use stopSyncer first, or switchSource to follow another source.';
      refuse('ALREADY_EXISTS', null, `There is a syncer already, from ${from}. ${advice}`);
    }
    return current;
  }

  private requireSyncer(): Stored<SyncerRecord> {
    return this.binlog.syncer() ?? refuse('NOT_FOUND', null, 'There is no syncer yet; use startSyncer.');
  }

  private newRecord(input: StartSyncer, before: SyncerRecord | undefined): SyncerRecord {
    const sourceAddress = normalised(input.sourceAddress);
    return {
      isWanted: true,
      serverId: String(input.serverId),
      serverUuid: input.serverUuid.toLowerCase(),
      sourceAddress,
      user: input.user,
      sealedPassword: this.secrets.seal(input.password, SYNCER_PASSWORD_CONTEXT),
      semiSync: input.semiSync,
      flavour: input.flavour ?? null,
      tls: this.sealTls(input.tls ?? PREFERRED),
      startAfterGtidSet: input.startAfterGtidSet ?? null,
      // What was forced stays so while the source is the same.
      mayLack: before?.mayLack === true && before.sourceAddress === sourceAddress,
      skips: before === undefined ? [] : skipsAt(before, sourceAddress),
    };
  }

  private switched(record: SyncerRecord, input: SwitchSource): SyncerRecord {
    const { user, password, tls } = input;
    const sourceAddress = normalised(input.sourceAddress);
    return {
      ...record,
      sourceAddress,
      skips: skipsAt(record, sourceAddress),
      user: user ?? record.user,
      sealedPassword:
        password == null ? record.sealedPassword : this.secrets.seal(password, SYNCER_PASSWORD_CONTEXT),
      tls: tls == null ? record.tls : this.sealTls(tls),
      mayLack: input.force,
    };
  }

  private sealTls(tls: TlsSettings): SyncerRecord['tls'] {
    checkTls(tls);
    const { mode, ca = null, cert = null, key = null } = tls;
    return { mode, ca, cert, sealedKey: key === null ? null : this.secrets.seal(key, SYNCER_KEY_CONTEXT) };
  }

  /** @param journal null: one that is empty, wherever it begins now */
  private try(record: SyncerRecord, journal: Pick<Journal, 'flavour' | 'executedGtidSet'> | null) {
    const flavour = journal?.flavour ?? null;
    return trySource(sourceOptions(record, this.secrets), {
      serverId: BigInt(record.serverId),
      serverUuid: record.serverUuid,
      flavour: record.flavour,
      journal: flavour === null ? null : { flavour, executed: journal!.executedGtidSet! },
      startAfter: startAfter(record),
      mayLack: record.mayLack,
      resume: this.binlog.commit()?.source ?? null,
    });
  }

  private draft(
    current: Stored<SyncerRecord> | undefined,
    record: SyncerRecord,
    description: string,
    actor: string,
  ) {
    const put = { put: SYNCER_KEY, value: syncerCollections.syncer.encode(record) };
    return this.change(current, [put], description, actor);
  }

  private change(
    current: Stored<SyncerRecord> | undefined,
    operations: readonly WriteOperation[],
    description: string,
    actor: string,
  ) {
    return {
      conditions: [{ key: SYNCER_KEY, modRevision: current?.revision ?? 0n }],
      operations,
      action: { type: 'SYNCER_CHANGED' as const, description, target: 'syncer', actor },
    };
  }
}

/** What is still passed over at that source: a position says something of the files of one server only. */
function skipsAt(record: SyncerRecord, sourceAddress: string): string[] {
  return record.skips.filter((name) => sourceAddress === record.sourceAddress || !isPosition(name));
}

function normalised(address: string): string {
  const parsed = parseAddress(address);
  if (!parsed) refuse('INVALID_INPUT', 'sourceAddress', `"${address}" is not of the form HOST:PORT.`);
  return formatAddress(parsed);
}

function checkStartAfter(record: SyncerRecord): void {
  try {
    startAfter(record);
  } catch (error) {
    if (!(error instanceof GtidSetError)) throw error;
    refuse('INVALID_INPUT', 'startAfterGtidSet', error.message, { cause: error });
  }
}

/** A journal that has begun and has nothing may as well begin elsewhere. */
function checkEmpty(journal: Journal): void {
  if (journal.flavour === null || journal.committedOffset === journal.startOffset) return;
  const message =
    `The journal has transactions and goes on behind ${shorten(journal.executedGtidSet!)}; startAfterGtidSet is for ` +
    'an empty one. Leave it out, or use restartJournalAfter, which sets the journal aside.';
  refuse('PRECONDITION_FAILED', 'startAfterGtidSet', message);
}
