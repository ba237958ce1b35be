/** What a journal has done since it was opened. Plain numbers: exact up to 2^53. */
export class JournalCounters {
  /** That became durable, heads of segments included. */
  appendedBytes = 0;
  committedBytes = 0;
  /** Syncs of segments' files, and the seconds that they took. */
  syncs = 0;
  syncSeconds = 0;
  /** Commits of this member as the leader, one transaction of the coordinator each. */
  commits = 0;
  commitSeconds = 0;
  /** Bytes of the journal that other members sent here, and that this one sent to others. */
  receivedBytes = 0;
  sentBytes = 0;
}
