import { only, type MetricSource } from '../../telemetry/metrics.js';
import type { Journal } from '../journal/journal.js';
import type { JournalStore } from '../member/journal-store.js';

/** The metrics of this member's journal; without samples while it is not open. */
export function journalMetrics(store: Pick<JournalStore, 'journal'>): MetricSource[] {
  const of = (read: (journal: Journal) => number) => ({
    labels: [],
    read: () => only(store.journal && read(store.journal)),
  });
  const gauge = (name: string, help: string, read: (journal: Journal) => number): MetricSource => ({
    ...{ name: `quorate_journal_${name}`, help },
    ...of(read),
  });
  const counter = (name: string, help: string, read: (journal: Journal) => number): MetricSource => ({
    ...{ name: `quorate_journal_${name}_total`, help, type: 'counter' },
    ...of(read),
  });
  return [
    {
      name: 'quorate_journal_open',
      help: '1 while the journal of this member is open; 0 says that it cannot be used.',
      labels: [],
      read: () => only(Number(store.journal !== null)),
    },
    gauge('start_offset_bytes', 'Where the journal begins: what is before is purged.', (j) => j.startOffset),
    gauge(
      'committed_offset_bytes',
      'Up to where this member knows the journal to be committed.',
      (j) => j.committedOffset,
    ),
    gauge('end_offset_bytes', 'Where the journal ends on the disk of this member.', (j) => j.endOffset),
    gauge('size_bytes', 'What the journal takes on the disk of this member.', (j) => j.sizeBytes),
    gauge('segments', 'Files of the journal.', (j) => j.segmentCount),
    counter('appended_bytes', 'Bytes that became durable here.', (j) => j.counters.appendedBytes),
    counter('committed_bytes', 'Bytes that were committed.', (j) => j.counters.committedBytes),
    counter('syncs', 'Syncs of the files of the journal.', (j) => j.counters.syncs),
    counter(
      'sync_seconds',
      'Seconds that syncs of the files of the journal took.',
      (j) => j.counters.syncSeconds,
    ),
    counter('commits', 'Commits by this member as the leader.', (j) => j.counters.commits),
    counter(
      'commit_seconds',
      'Seconds that the coordinator took for the commits of this member.',
      (j) => j.counters.commitSeconds,
    ),
    counter('received_bytes', 'Bytes that other members have sent.', (j) => j.counters.receivedBytes),
    counter('sent_bytes', 'Bytes that were sent to other members.', (j) => j.counters.sentBytes),
  ];
}
