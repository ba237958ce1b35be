import type { Journal } from '../journal/journal.js';
import { readFormatDescription } from '../protocol/event/format-description.js';
import { MariadbGtidSet } from '../protocol/gtid/mariadb-gtid-set.js';
import type { ServerFacts } from './server-facts.js';

/** What is presented before the source's own version is known: what every replica can follow. */
const FIRST_VERSION = { MYSQL: '5.7.44-log', MARIADB: '10.5.0-MariaDB-log' };

type OwnFacts = Pick<ServerFacts, 'serverId' | 'serverUuid' | 'hostName' | 'port' | 'replicas' | 'source'>;

/** A journal that has begun, as a server that has its files for binlogs would tell of itself. */
export function describeServer(journal: Journal, own: OwnFacts): ServerFacts {
  const flavour = journal.flavour ?? 'MYSQL';
  // A journal that was begun anew may be of the other flavour.
  const source = own.source?.flavour === flavour ? own.source : null;
  const segments = journal.committedSegments();
  const last = segments.at(-1);
  const executed = journal.executedGtidSet;
  const files = segments.map(({ name, startOffset, endOffset }) => ({
    name,
    sizeBytes: Math.min(endOffset, journal.committedOffset) - startOffset,
  }));
  return {
    ...own,
    flavour,
    source,
    version: last
      ? readFormatDescription(last.header.format).serverVersion
      : (source?.version ?? FIRST_VERSION[flavour]),
    executedGtidSet: String(executed ?? ''),
    purgedGtidSet: String(journal.purgedGtidSet ?? ''),
    gtidPosition: executed instanceof MariadbGtidSet ? executed.position().toString() : '',
    end: last ? { file: last.name, position: files.at(-1)!.sizeBytes } : null,
    files,
  };
}
