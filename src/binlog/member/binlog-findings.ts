import { finding, type Finding } from '../../cluster/problems/finding.js';
import type { BinlogHalf } from './binlog-half.js';

/** A connection that breaks is made again; only one that stays away is worth a word. */
const RETRYING_MS = 30_000;

/** What is wrong in the binlog half, as far as this member sees it. */
export function binlogFindings(half: BinlogHalf): Finding[] {
  return [...journalFindings(half), ...syncerFindings(half), ...serverFindings(half)];
}

function journalFindings({ store, duty }: BinlogHalf): Finding[] {
  const subject = 'journal';
  const findings: Finding[] = [];
  const closed = store.trouble ?? (duty.problem?.isUnfit === true ? duty.problem.message : null);
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

function syncerFindings({ binlog, status, duty }: BinlogHalf): Finding[] {
  const record = binlog.syncer();
  if (!record?.value.isWanted || !duty.isInOffice) return [];
  const subject = 'syncer';
  const findings = status.warnings.map((message) =>
    finding({ code: 'SOURCE_WARNING', severity: 'WARNING', subject, message }),
  );
  const isAway = status.state === 'RETRYING' && Date.now() - status.since > RETRYING_MS;
  if (isAway || status.state === 'FAILED') {
    findings.push(
      finding({
        code: isAway ? 'SOURCE_UNREACHABLE' : 'SYNCER_FAILED',
        severity: 'CRITICAL',
        subject,
        message: status.reason ?? 'The source is not followed.',
        consequence: { summary: 'The journal gets nothing new; slaves are served what it has.' },
      }),
    );
  }
  return findings;
}

/** A binlog server that does not listen is critical when no other one is known to listen: replicas have nowhere to go. */
function serverFindings({ binlog, runners, everywhere }: BinlogHalf): Finding[] {
  const wanted = binlog.servers().filter(({ value }) => value.isWanted);
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
