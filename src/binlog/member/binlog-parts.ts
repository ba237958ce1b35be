import { otherVoterRuns } from '../../cluster/membership/health.js';
import type { MembershipView } from '../../cluster/membership/membership-view.js';
import type { Proposals } from '../../cluster/proposals.js';
import type { StateView } from '../../cluster/view.js';
import type { SecretBox } from '../../common/secret-box.js';
import type { Coordinator } from '../../coordinator/types.js';
import type { Logger } from '../../telemetry/logger.js';
import { BinlogServerChanges } from '../control/binlog-server-changes.js';
import { BinlogView } from '../control/binlog-view.js';
import { JournalPurges } from '../control/journal-purges.js';
import { JournalRestarts } from '../control/journal-restarts.js';
import { SkippedTransactions } from '../control/skipped-transactions.js';
import { SyncerChanges } from '../control/syncer-changes.js';
import type { Journal } from '../journal/journal.js';
import type { CatchUpLimit } from '../replication/catch-up.js';
import type { PeerNetwork } from '../replication/peer/channel.js';
import { SyncerStatus } from '../syncer/syncer-status.js';
import { CopyWatch } from './copy-watch.js';
import { journalInTerm } from './journal-in-term.js';
import { JournalStore } from './journal-store.js';
import { LeaderDuty } from './leader-duty.js';
import { MemberWatch, type MemberCalls } from './member-watch.js';
import { ReplicaHost } from './replica-host.js';
import { retentionsOf, type RetentionLimits } from './retention.js';
import { ServerRunners } from './server-runners.js';
import { ServersEverywhere } from './servers-everywhere.js';

export interface BinlogServiceOptions extends RetentionLimits {
  readonly coordinator: Coordinator;
  readonly view: StateView;
  readonly proposals: Proposals;
  readonly secrets: SecretBox;
  readonly membership: MembershipView;
  readonly network: PeerNetwork;
  /** How other members are asked about their binlog servers. */
  readonly calls: MemberCalls;
  readonly self: { readonly name: string; readonly id: string };
  /** Where the journal's files are. */
  readonly directory: string;
  /** Where the certificates are that this member makes for its binlog servers. */
  readonly tlsDirectory: string;
  readonly segmentBytes: number;
  readonly catchUpLimit: CatchUpLimit;
  /** How long a leader that cannot commit stays one while another member could lead, in milliseconds. */
  readonly stepDownMs: number;
  readonly log: Logger;
}

/** The parts of the binlog store in a member. Nothing outside of it sees more than `BinlogService`. */
export interface BinlogParts {
  readonly view: BinlogView;
  readonly store: JournalStore;
  readonly replicas: ReplicaHost;
  readonly runners: ServerRunners;
  readonly watch: MemberWatch;
  readonly everywhere: ServersEverywhere;
  readonly status: SyncerStatus;
  readonly duty: LeaderDuty;
  readonly copies: CopyWatch;
  readonly serverChanges: BinlogServerChanges;
  readonly syncerChanges: SyncerChanges;
  readonly purges: JournalPurges;
  readonly restarts: JournalRestarts;
  readonly skipped: SkippedTransactions;
  /** The journal of the leader; refuses while it is not to be had. */
  readonly journalInTerm: () => Promise<Journal>;
}

/** Builds the parts; none of them runs yet. */
export function buildBinlogParts(options: BinlogServiceOptions): BinlogParts {
  const { coordinator, proposals, secrets, membership, network, calls, self, log } = options;
  const { directory, segmentBytes, tlsDirectory, catchUpLimit, stepDownMs } = options;
  const memberName = self.name;
  const view = new BinlogView(options.view, memberName);
  const status = new SyncerStatus();
  const isElsewhere = (): boolean => hasOtherHolder(view, membership, self.id);
  const store = new JournalStore({ directory, segmentBytes, isElsewhere, log });
  const runners = new ServerRunners({ binlog: view, store, secrets, memberName, tlsDirectory, log });
  const watch = new MemberWatch({ memberName, membership, binlog: view, calls });
  const everywhere = new ServersEverywhere({ memberName, membership, runners, watch, calls });
  const purges = new JournalPurges(view, proposals, () => everywhere.neededBy());
  const replicas = new ReplicaHost(store, { coordinator, membership, network, self, catchUpLimit, log });
  const duty = new LeaderDuty({
    ...{ coordinator, binlog: view, store, replicas, purges, secrets, status, stepDownMs, log },
    retention: () => retentionsOf(options),
    othersRun: () => otherVoterRuns(membership, memberName),
  });
  const inTerm = (): Promise<Journal> => journalInTerm(store, duty, memberName);
  const restarts = new JournalRestarts(
    view,
    proposals,
    () => store.journal,
    () => membership.voterIds(),
  );
  return {
    ...{ view, store, replicas, runners, watch, everywhere, status, duty, purges, restarts },
    copies: new CopyWatch({ memberName, membership, binlog: view, store, replicas, watch }),
    serverChanges: new BinlogServerChanges(view, proposals, secrets),
    skipped: new SkippedTransactions(view, proposals, inTerm),
    syncerChanges: new SyncerChanges(view, proposals, secrets, inTerm, restarts),
    journalInTerm: inTerm,
  };
}

/** Whether another member had the journal when it was committed last. */
function hasOtherHolder(view: BinlogView, membership: MembershipView, own: string): boolean {
  const holders = view.commit()?.holders ?? [];
  return holders.some((id) => id !== own && membership.byId(id) !== undefined);
}
