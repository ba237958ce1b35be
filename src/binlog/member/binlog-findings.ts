import { finding, type Finding, type FindingDraft } from '../../cluster/problems/finding.js';
import type { BinlogParts } from './binlog-parts.js';

/** A connection that breaks is made again; only one that stays away is worth a word. */
const RETRYING_MS = 30_000;
/** What is on its way is committed long before. */
const STALLED_MS = 5_000;
/** A new leader may have to fetch what it lacks first. */
const KEPT_FROM_TERM_MS = 15_000;

type Parts = Pick<BinlogParts, 'view' | 'store' | 'status' | 'duty' | 'copies' | 'runners' | 'everywhere'> & {
  /** By member's name, why nothing can be written to its journal. */
  readonly fullDisks: () => ReadonlyMap<string, string>;
};

/** Problems of the binlog store, as far as this member sees it. */
export function binlogFindings(parts: Parts): Finding[] {
  return [
    ...journalFindings(parts),
    ...commitFindings(parts),
    ...copyFindings(parts),
    ...diskFindings(parts),
    ...syncerFindings(parts),
    ...serverFindings(parts),
  ];
}

function journalFindings({ store, duty }: Parts): Finding[] {
  const subject = 'journal';
  const findings: Finding[] = [];
  const closed = store.currentProblem ?? (duty.problem?.isUnfit === true ? duty.problem.message : null);
  if (closed !== null) {
    findings.push(
      finding({
        code: 'JOURNAL_CLOSED',
        severity: 'CRITICAL',
        subject,
        message: closed,
        consequence: { summary: 'This member neither stores nor serves the journal.', redundancyLost: true },
      }),
    );
  }
  if (store.cut !== null) {
    findings.push(
      finding({
        code: 'JOURNAL_SET_ASIDE',
        severity: 'CRITICAL',
        subject,
        message: store.cut,
        consequence: { summary: 'Slaves may have transactions that the journal no longer has.' },
      }),
    );
  }
  return findings;
}

/** Said of the leader alone: another member cannot know it. */
function commitFindings({ duty, view }: Parts): Finding[] {
  const { stall, problem } = duty;
  const kept = problem !== null && !problem.isUnfit && Date.now() - problem.since > KEPT_FROM_TERM_MS;
  const message =
    stall !== null && performance.now() - stall.since > STALLED_MS
      ? stall.message
      : kept
        ? `This member leads and cannot append to the journal: ${problem.message}`
        : null;
  if (message === null) return [];
  const servers = view.servers().filter(({ value }) => value.isWanted);
  return [
    finding({
      code: 'COMMITS_STALLED',
      severity: 'CRITICAL',
      subject: 'journal',
      message,
      consequence: {
        summary: 'What the source sends is not committed, and slaves get nothing new.',
        binlogServersAffected: servers.map(({ id }) => id),
        redundancyLost: true,
      },
      remedies: [
        { title: 'Mend the network between the members, or start those that do not run.' },
        { title: 'Let another member lead.', mutation: 'transferLeadership' },
      ],
    }),
  ];
}

function copyFindings({ copies }: Parts): Finding[] {
  return copies.laggards().map(({ name, lag }) =>
    finding({
      code: 'MEMBER_LAGS',
      severity: 'WARNING',
      subject: `member/${name}`,
      message:
        lag === null
          ? `Member ${name} runs and does not follow the journal: it is not in touch with the leader.`
          : `Member ${name} runs and does not follow the journal: it lacks ${lag} bytes, and gets no further.`,
      consequence: {
        summary:
          'It does not count for the quorum of the journal, and slaves that are attached to it get nothing new.',
        redundancyLost: true,
      },
      remedies: [
        {
          title: `Look at the log and the disk of member ${name}, and at the network between it and the leader.`,
        },
        { title: 'Remove it.', mutation: 'removeMember', variables: { input: { name } } },
      ],
    }),
  );
}

function diskFindings(parts: Parts): Finding[] {
  const leader = parts.view.leader();
  return [...parts.fullDisks()].map(([name, message]) =>
    finding({
      code: 'DISK_FULL',
      severity: name === leader ? 'CRITICAL' : 'WARNING',
      subject: `member/${name}`,
      message: `The disk of the journal of member ${name} is full: ${message}`,
      consequence: {
        summary:
          name === leader
            ? 'Nothing of what the source sends is stored. Slaves are served what the journal has.'
            : 'This copy of the journal does not grow: it does not count for the quorum, and slaves there get nothing new.',
        redundancyLost: true,
      },
      remedies: [
        { title: `Make room on the disk of member ${name}; it goes on by itself.` },
        { title: 'Remove old segments of the journal.', mutation: 'purgeJournal' },
        ...(name === leader
          ? [{ title: 'Let a member lead that has room.', mutation: 'transferLeadership' }]
          : []),
      ],
    }),
  );
}

function syncerFindings({ view, status, duty, store }: Parts): Finding[] {
  const record = view.syncer();
  if (!record?.value.isWanted || !duty.holdsTerm) return [];
  const subject = 'syncer';
  const findings = status.warnings.map((message) =>
    finding({ code: 'SOURCE_WARNING', severity: 'WARNING', subject, message }),
  );
  // What keeps it from being followed is then not the source.
  const isFull = store.journal?.fullDisk.problem != null;
  const isAway = status.state === 'RETRYING' && !isFull && Date.now() - status.since > RETRYING_MS;
  if (isAway || status.state === 'FAILED') {
    findings.push(
      finding({
        code: isAway ? 'SOURCE_UNREACHABLE' : 'SYNCER_FAILED',
        severity: 'CRITICAL',
        subject,
        message: status.reason ?? 'The source is not followed.',
        consequence: { summary: 'The journal gets nothing new; slaves are served what it has.' },
        remedies: isAway ? [SWITCH] : [...decisionsIn(status.reason ?? ''), SWITCH],
      }),
    );
  }
  return findings;
}

const SWITCH = { title: 'Follow another source with the same history.', mutation: 'switchSource' };

/** The mutations that the reason names. */
function decisionsIn(reason: string): NonNullable<FindingDraft['remedies']> {
  const [, input, name] = /skipTransaction\((gtid|position): "([^"]+)"\)/.exec(reason) ?? [];
  const skip = {
    title: `Pass over ${name}, and bring what it did to the replicas by hand.`,
    mutation: 'skipTransaction',
    ...(input !== undefined && { variables: { input: { [input]: name } } }),
  };
  const restart = {
    title: 'Set the journal aside, and begin an empty one behind what replicas are provisioned with.',
    mutation: 'restartJournalAfter',
  };
  return [
    ...(input === undefined ? [] : [skip]),
    ...(reason.includes('restartJournalAfter') ? [restart] : []),
  ];
}

/** A binlog server that does not listen is critical when no other one is known to listen: replicas have nowhere to go. */
function serverFindings({ view, runners, everywhere }: Parts): Finding[] {
  const wanted = view.servers().filter(({ value }) => value.isWanted);
  const failures = new Map(
    wanted.map((record) => {
      const runner = runners.get(record.id);
      const here = runner?.state === 'FAILED' ? [runner.reason ?? 'It does not listen.'] : [];
      return [record.id, [...here, ...everywhere.failuresOf(record)]];
    }),
  );
  const isAnyWhole = wanted.some(({ id }) => failures.get(id)?.length === 0);
  return wanted.flatMap(({ id }): Finding[] => {
    const messages = failures.get(id) ?? [];
    if (messages.length === 0) return [];
    return [
      finding({
        code: 'BINLOG_SERVER_FAILED',
        severity: isAnyWhole ? 'WARNING' : 'CRITICAL',
        subject: `binlogServer/${id}`,
        message: messages.join(' '),
        consequence: {
          summary: 'Slaves cannot attach to it where it does not listen.',
          binlogServersAffected: [id],
        },
        remedies: [{ title: 'Free the address that it is to listen on; it listens by itself then.' }],
      }),
    ];
  });
}
