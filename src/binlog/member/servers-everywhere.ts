import { errorMessage } from '../../common/errors.js';
import { refuse } from '../../common/refused.js';
import type { Stored } from '../../cluster/collection.js';
import type { MembershipView } from '../../cluster/membership/membership-view.js';
import { collections } from '../../cluster/records.js';
import type { SlaveNeed } from '../control/journal-purges.js';
import type { BinlogServerRecord } from '../control/server-record.js';
import type { SlaveInfo } from '../server/binlog-server.js';
import type { ServerReport } from './member-report.js';
import type { MemberCalls, MemberWatch } from './member-watch.js';
import { nameOf, type ServerRunners } from './server-runners.js';

export interface AttachedSlave {
  readonly server: string;
  /** Where it is attached. */
  readonly member: string;
  readonly info: SlaveInfo;
  /** Whether the member does not answer: the slave may be gone, and nothing is known of how fast it is. */
  readonly stale: boolean;
}

/** From the worst to the best. */
const STATES = ['FAILED', 'UNREACHABLE', 'STARTING', 'RUNNING'] as const;

export interface ServerCondition {
  readonly state: (typeof STATES)[number];
  readonly reason: string | null;
}

export interface ServersEverywhereOptions {
  readonly memberName: string;
  readonly membership: MembershipView;
  readonly runners: ServerRunners;
  readonly watch: MemberWatch;
  readonly calls: MemberCalls;
}

type ServerOnRecord = Stored<BinlogServerRecord>;

/** The binlog servers of all members, and who is attached to them: of this one as it is, of others as they said last. */
export class ServersEverywhere {
  constructor(private readonly options: ServersEverywhereOptions) {}

  /** Called with a server's name when its state or its slaves have changed; answers how to end that. */
  onChange(listener: (server: string) => void): () => void {
    const ends = [this.options.runners.onChange(listener), this.options.watch.onChange(listener)];
    return () => ends.forEach((end) => end());
  }

  /** The state of a server that is wanted: the worst that it has anywhere. */
  stateOf(record: ServerOnRecord): ServerCondition {
    const places = this.placesOf(record);
    const found = places.map((member) => ({ member, ...this.stateAt(member, record) }));
    const worst = STATES.map((state) => found.find((each) => each.state === state)).find(Boolean);
    if (!worst) return { state: 'STARTING', reason: null };
    const { state, reason, member } = worst;
    if (places.length === 1 || state === 'RUNNING') return { state, reason };
    return { state, reason: `Member ${member}: ${reason ?? 'it is being started.'}` };
  }

  /** Why it cannot listen, for each member where that is so and known. */
  failuresOf(record: ServerOnRecord): string[] {
    return this.placesOf(record).flatMap((member) => {
      if (member === this.options.memberName) return [];
      const report = this.reportFrom(member, record);
      return report?.state === 'FAILED'
        ? [`Member ${member}: ${report.reason ?? 'it does not listen.'}`]
        : [];
    });
  }

  /** Who is attached to one that is wanted. */
  slavesOf({ id: server, value }: ServerOnRecord): AttachedSlave[] {
    const { memberName, runners, watch } = this.options;
    if (!value.isWanted) return [];
    const here = (runners.get(server)?.slaves() ?? []).map((info) => ({
      ...{ server, member: memberName, info },
      stale: false,
    }));
    const elsewhere = watch.remembered().flatMap(({ name: member, report }) => {
      const stale = this.silenceOf(member) !== null;
      return (report?.servers ?? [])
        .filter(({ name }) => name === server)
        .flatMap(({ slaves }) => slaves)
        .map((info) => ({ server, member, info: stale ? withoutRates(info) : info, stale }));
    });
    return [...here, ...elsewhere];
  }

  /**
   * The need of the slave that is the furthest behind, among those of all members. A member that may have slaves and has not
   * said so yet counts as one that needs everything.
   */
  neededBy(): SlaveNeed | null {
    let need = this.options.runners.neededBy();
    const consider = (offset: number, who: string): void => {
      if (need === null || offset < need.offset) need = { offset, who };
    };
    for (const { name, report } of this.options.watch.remembered()) {
      if (!report) consider(0, `Member ${name} has not yet told of its slaves, one of which maybe`);
      for (const { name: server, slaves } of report?.servers ?? [])
        for (const slave of slaves) consider(slave.offset, `${nameOf(slave, server)} at member ${name}`);
    }
    return need;
  }

  /**
   * Ends a slave's connection, wherever it is.
   *
   * @param member where it is attached; null: wherever it is found
   * @returns the slave, as far as anything was known of it
   */
  async disconnect(
    record: ServerOnRecord,
    connectionId: number,
    member: string | null,
  ): Promise<AttachedSlave | null> {
    const { id: server } = record;
    const at = await this.locate(record, connectionId, member);
    const found = this.find(record, connectionId, at);
    if (!(await this.disconnectAt(at, server, connectionId))) refuseUnknown(server, connectionId);
    return found ?? null;
  }

  private async locate(record: ServerOnRecord, connectionId: number, member: string | null): Promise<string> {
    const { id: server } = record;
    const places = this.placesOf(record).filter((place) => member === null || place === member);
    if (places.length === 0)
      return refuse('NOT_FOUND', 'member', `Binlog server ${server} is not to run on ${member}.`);
    await this.options.watch.refresh(places);
    if (places.length === 1) return places[0]!;
    const having = places.filter((place) => this.find(record, connectionId, place));
    if (having.length > 1) {
      const message = `Several members have a slave with connectionId ${connectionId}: ${having.join(', ')}. Say which member.`;
      refuse('INVALID_INPUT', 'member', message);
    }
    return having[0] ?? refuseUnknown(server, connectionId);
  }

  private find(record: ServerOnRecord, connectionId: number, at: string): AttachedSlave | undefined {
    return this.slavesOf(record).find(
      ({ member, info }) => member === at && info.connectionId === connectionId,
    );
  }

  private async disconnectAt(member: string, server: string, connectionId: number): Promise<boolean> {
    const { memberName, membership, runners, calls } = this.options;
    if (member === memberName) return runners.get(server)?.disconnect(connectionId) ?? false;
    const entry = membership.byName(member);
    if (!entry) return false;
    try {
      return await calls.disconnect(entry, server, connectionId);
    } catch (error) {
      const message = `Member ${member}, where the slave is, does not answer: ${errorMessage(error)}`;
      return refuse('UNREACHABLE', 'binlogServer', message, { cause: error });
    }
  }

  private placesOf({ value }: ServerOnRecord): string[] {
    if (value.member !== null) return [value.member];
    const { memberName, membership } = this.options;
    const others = membership.members.filter(({ id, name }) => id !== null && name !== memberName);
    return [memberName, ...others.map(({ name }) => name)];
  }

  private stateAt(member: string, record: ServerOnRecord): ServerCondition {
    const { memberName, runners } = this.options;
    if (member === memberName) {
      const runner = runners.get(record.id);
      return { state: runner?.state ?? 'STARTING', reason: runner?.reason ?? null };
    }
    const silence = this.silenceOf(member);
    if (silence !== null) return silence;
    const { state = 'STARTING', reason = null } = this.reportFrom(member, record) ?? {};
    return { state, reason };
  }

  /**
   * Why what another member said last may be so no longer; null while it answers. Its session in the coordinator may
   * end before a question to it has timed out, and the other way round: either is enough.
   */
  private silenceOf(member: string): ServerCondition | null {
    const { membership, watch } = this.options;
    if (!membership.view.get(collections.members, member))
      return { state: 'FAILED', reason: `Member ${member} does not run.` };
    const currentProblem = watch.of(member)?.currentProblem ?? null;
    if (currentProblem === null) return null;
    return { state: 'UNREACHABLE', reason: `Member ${member} does not answer: ${currentProblem}` };
  }

  /** Undefined when it has not told of it yet, or only of how it was before its settings changed. */
  private reportFrom(member: string, { id, revision }: ServerOnRecord): ServerReport | undefined {
    const servers = this.options.watch.of(member)?.report?.servers ?? [];
    return servers.find((server) => server.name === id && server.revision === String(revision));
  }
}

/** What was told of it last, as far as it still holds. */
function withoutRates(info: SlaveInfo): SlaveInfo {
  return { ...info, lagSeconds: null, eventsPerSecond: 0, bytesPerSecond: 0 };
}

function refuseUnknown(server: string, connectionId: number): never {
  const message = `Binlog server ${server} has no slave with connectionId ${connectionId}.`;
  return refuse('NOT_FOUND', 'connectionId', message);
}
