import type { Finding } from '../../cluster/problems.js';
import type { BinlogHalf } from './binlog-half.js';

/** A connection that breaks is made again; only one that stays away is worth a word. */
const RETRYING_MS = 30_000;

/** What is wrong in the binlog half, as far as this member sees it. */
export function binlogFindings(half: BinlogHalf): Finding[] {
  return [...journalFindings(half), ...syncerFindings(half), ...serverFindings(half)];
}

function journalFindings({ store, duty }: BinlogHalf): Finding[] {
  const message = store.trouble ?? (duty.problem?.isUnfit === true ? duty.problem.message : null);
  return [message, store.cut]
    .filter((each) => each !== null)
    .map((each) => ({ severity: 'CRITICAL', subject: 'journal', message: each }));
}

function syncerFindings({ binlog, status, duty }: BinlogHalf): Finding[] {
  const record = binlog.syncer();
  if (!record?.value.isWanted || !duty.isInOffice) return [];
  const subject = 'syncer';
  const findings = status.warnings.map((message): Finding => ({ severity: 'WARNING', subject, message }));
  const isAway = status.state === 'RETRYING' && Date.now() - status.since > RETRYING_MS;
  if (isAway || status.state === 'FAILED') {
    findings.push({ severity: 'CRITICAL', subject, message: status.reason ?? 'The source is not followed.' });
  }
  return findings;
}

function serverFindings({ binlog, runners, everywhere }: BinlogHalf): Finding[] {
  return binlog.servers().flatMap((record): Finding[] => {
    const runner = runners.get(record.id);
    const here = runner?.state === 'FAILED' ? [runner.reason ?? 'It does not listen.'] : [];
    const messages = [...here, ...everywhere.failuresOf(record)];
    const subject = `binlogServer/${record.id}`;
    return messages.map((message) => ({ severity: 'CRITICAL', subject, message }));
  });
}
