import { binlogServerCollections } from '../../binlog/control/server-record.js';
import { journalCollections } from '../../binlog/replication/records.js';
import { syncerCollections } from '../../binlog/syncer/syncer-record.js';
import type { AnyCollection } from '../../cluster/view.js';
import type { Services } from '../context.js';
import { presentNamedServer, presentSlaves } from '../present/binlog-servers.js';
import { presentJournal } from '../present/journal.js';
import { presentSyncer } from '../present/syncer.js';
import type { BinlogServer, Slave } from '../types/binlog.js';
import type { Journal } from '../types/journal.js';
import type { Syncer } from '../types/syncer.js';
import { coalesced } from './coalesced.js';
import { statusStream } from './pull-stream.js';
import { SharedStatus, type StatusSource } from './shared-status.js';

/** What there is one of. */
type TheOne = 'the one';

export function syncerStream(services: Services): AsyncIterableIterator<Syncer> {
  return shared(services).syncer.stream(() => true);
}

export function journalStream(services: Services): AsyncIterableIterator<Journal> {
  return shared(services).journal.stream(() => true);
}

export function binlogServerStream(
  services: Services,
  name: string | undefined,
): AsyncIterableIterator<BinlogServer> {
  return shared(services).servers.stream((id) => name === undefined || id === name);
}

/** All of them in one event: one that goes is told by its absence. */
export function slaveStream(services: Services, server: string | undefined): AsyncIterableIterator<Slave[]> {
  const { binlog } = services;
  return statusStream(
    coalesced<TheOne, Slave[]>({
      keys: () => ['the one'],
      present: () => presentSlaves(server ?? null, services),
      subscribe: (changed) =>
        binlog.onServerChange((name) => {
          if (server === undefined || name === server) changed('the one');
        }),
    }),
  );
}

interface Shared {
  readonly syncer: SharedStatus<TheOne, Syncer>;
  readonly journal: SharedStatus<TheOne, Journal>;
  readonly servers: SharedStatus<string, BinlogServer>;
}

/** What the subscribers of one member share. */
const sharedOf = new WeakMap<Services, Shared>();

function shared(services: Services): Shared {
  let found = sharedOf.get(services);
  if (!found) {
    const { start, commit, terms } = journalCollections;
    found = {
      syncer: new SharedStatus(
        coalesced(oneSource(services, [syncerCollections.syncer], () => presentSyncer(services))),
      ),
      journal: new SharedStatus(
        coalesced(oneSource(services, [start, commit, terms], () => presentJournal(services))),
      ),
      servers: new SharedStatus(coalesced(serverSource(services))),
    };
    sharedOf.set(services, found);
  }
  return found;
}

function oneSource<T>(
  { view, binlog }: Services,
  collections: readonly AnyCollection[],
  present: () => T,
): StatusSource<TheOne, T> {
  return {
    keys: () => ['the one'],
    present,
    subscribe: (changed) => {
      const unwatch = view.subscribe(({ changes }) => {
        if (changes.some(({ collection }) => collections.includes(collection))) changed('the one');
      });
      const unsubscribe = binlog.onChange(() => changed('the one'));
      return () => {
        unwatch();
        unsubscribe();
      };
    },
  };
}

function serverSource(services: Services): StatusSource<string, BinlogServer> {
  const { view, binlog } = services;
  const names = (): string[] => binlog.view.servers().map(({ id }) => id);
  return {
    keys: names,
    present: (name) => presentNamedServer(name, services) ?? undefined,
    subscribe: (changed) => {
      const ends = [
        view.subscribe(({ changes }) => {
          for (const { collection, id } of changes)
            if (collection === binlogServerCollections.servers) changed(id);
        }),
        binlog.onServerChange(changed),
        binlog.onChange(() => names().forEach(changed)),
      ];
      return () => ends.forEach((end) => end());
    },
  };
}
