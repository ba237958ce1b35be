import type { Flavour } from '../../protocol/gtid/gtid-set.js';
import { fatalDumpError, type SqlError } from '../query/sql-error.js';

/** The server whose words are used: MySQL has changed its own with version 8. */
export interface Dialect {
  readonly flavour: Flavour;
  readonly version: string;
}

/** The servers cut off their texts at this length; replicas have no room for more. */
const MAX_LENGTH = 480;

/** Transactions that the client lacks are no longer here. */
export function purged(dialect: Dialect, has: string, missing: string): SqlError {
  return say(dialect, {
    old:
      'The slave is connecting using CHANGE MASTER TO MASTER_AUTO_POSITION = 1, but the master has purged binary ' +
      'logs containing GTIDs that the slave requires.',
    new:
      'Cannot replicate because the source purged required binary logs. Replicate the missing transactions from ' +
      "elsewhere, or provision a new replica from backup. Consider increasing the source's binary log expiration " +
      `period. The GTID set sent by the replica is '${has}', and the missing transactions are '${missing}'`,
    mariadb:
      'Could not find GTID state requested by slave in any binlog files. Probably the slave state is too old and ' +
      'required binlog files have been purged.',
  });
}

/** The client has transactions that are neither here nor come within the time that we give them. */
export function diverged(dialect: Dialect, ahead: string): SqlError {
  return say(dialect, {
    old:
      "Slave has more GTIDs than the master has, using the master's SERVER_UUID. This may indicate that the end of the " +
      `binary log was truncated or that the last binary log file was lost. The slave has '${ahead}' in addition`,
    new:
      "Replica has more GTIDs than the source has, using the source's SERVER_UUID. This may indicate that the last " +
      `binary log file was truncated or lost. The replica has '${ahead}' in addition`,
    mariadb: `Error: connecting slave requested to start from GTID ${ahead}, which is not in the master's binlog`,
  });
}

export function unknownFile(): SqlError {
  return fatalDumpError('Could not find first log file name in binary log index file');
}

export function beyondEnd(dialect: Dialect): SqlError {
  return say(dialect, {
    old: 'Client requested master to start replication from position > file size',
    new: 'Client requested source to start replication from position > file size',
    mariadb: 'Client requested master to start replication from impossible position',
  });
}

export function beforeFirst(dialect: Dialect): SqlError {
  return say(dialect, {
    old: 'Client requested master to start replication from position < 4',
    new: 'Client requested source to start replication from position < 4',
    mariadb: 'Client requested master to start replication from position < 4',
  });
}

/** A position that is not the beginning of an event. */
export function insideEvent(dialect: Dialect, file: string, position: number): SqlError {
  const old = `bogus data in log event; the first event '${file}' at ${position}`;
  return say(dialect, {
    old,
    new: `binlog truncated in the middle of event; consider out of disk space on source; the first event '${file}' at ${position}`,
    mariadb: old,
  });
}

/** The client has never heard of checksums, and our events have them. */
export function needsChecksums(dialect: Dialect, file: string): SqlError {
  const at = `the first event '${file}' at 4, the last event read from '${file}' at 4, the last byte read from '${file}' at 4.`;
  const old = `Slave can not handle replication events with the checksum that master is configured to log; ${at}`;
  return say(dialect, {
    old,
    new: `Replica can not handle replication events with the checksum that source is configured to log; ${at}`,
    mariadb: old,
  });
}

/** Another connection of the same replica has come. */
export function replaced(dialect: Dialect): SqlError {
  return say(dialect, {
    old: 'A slave with the same server_uuid/server_id as this slave has connected to the master',
    new: 'A replica with the same server_uuid/server_id as this replica has connected to the source',
    mariadb: 'A slave with the same server_uuid/server_id is already connected',
  });
}

function say({ flavour, version }: Dialect, texts: { old: string; new: string; mariadb: string }): SqlError {
  const isNew = Number.parseInt(version, 10) >= 8;
  const text = flavour === 'MARIADB' ? texts.mariadb : isNew ? texts.new : texts.old;
  return fatalDumpError(text.slice(0, MAX_LENGTH));
}
