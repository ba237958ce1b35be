import { membershipCollections } from '../../cluster/membership/records.js';
import { collections } from '../../cluster/records.js';
import { matchesTypes, type Action as ActionRecord } from '../../cluster/feed.js';
import { refuse } from '../../common/refused.js';
import type { ActionType } from '../../cluster/records.js';
import type { Collection } from '../../cluster/collection.js';
import { topologyCollections } from '../../redis/topology/records.js';
import type { Services } from '../context.js';
import { presentAction } from '../present/actions.js';
import { presentCluster } from '../present/cluster.js';
import { presentGroup } from '../present/groups.js';
import { presentMemberNamed, presentRemoved } from '../present/members.js';
import { presentOperation } from '../present/operations.js';
import { presentProxyNamed } from '../present/proxies.js';
import { presentSlots } from '../present/slots.js';
import type { Cluster, Member } from '../types/cluster.js';
import type { Action, Operation } from '../types/feed.js';
import type { Proxy } from '../types/proxy.js';
import type { Group, Slot } from '../types/redis.js';
import { pullStream, statusStream } from './pull-stream.js';
import { SharedStatus, type StatusSource } from './shared-status.js';
import { SlotChanges } from './slot-changes.js';

/** Calls back with the ids of a collection's records that a revision changed. */
function onRecords<T>(
  services: Services,
  collection: Collection<T>,
  changed: (id: string) => void,
): () => void {
  return services.view.subscribe((batch) => {
    for (const change of batch.changes) if (change.collection === collection) changed(change.id);
  });
}

function all(...ends: (() => void)[]): () => void {
  return () => ends.forEach((end) => end());
}

export function clusterStream(services: Services): AsyncIterableIterator<Cluster> {
  let last = '';
  return statusStream({
    keys: () => ['cluster'],
    // The view's revision moves with every change of anything; only what else differs is worth an event.
    present: () => {
      const cluster = presentCluster(services);
      const { coordinator, leader, ...rest } = cluster;
      const shown = JSON.stringify(
        [rest, { ...coordinator, revision: 0 }, leader && { ...leader, lastSeenAt: 0 }],
        (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
      );
      if (shown === last) return undefined;
      last = shown;
      return cluster;
    },
    subscribe: (changed) =>
      all(
        services.problems.subscribe(() => changed('cluster')),
        onRecords(services, collections.leadership, () => changed('cluster')),
        onRecords(services, collections.members, () => changed('cluster')),
        onRecords(services, membershipCollections.membership, () => changed('cluster')),
      ),
  });
}

export function memberStream(services: Services, name: string | undefined): AsyncIterableIterator<Member> {
  const { membership } = services;
  const wanted = (id: string): boolean => name === undefined || id === name;
  const names = (): string[] => membership.members.map((member) => member.name).filter(wanted);
  const known = new Map<string, Member>();
  const present = (id: string): Member | undefined => {
    const member = presentMemberNamed(id, services);
    const last = known.get(id);
    if (member) known.set(id, member);
    // One that was removed is last seen so.
    return member ?? (last && presentRemoved(last));
  };
  return statusStream({
    keys: names,
    present,
    subscribe: (changed) => {
      let before = names();
      const everyone = (): void => {
        for (const id of new Set([...before, ...names()])) changed(id);
        before = names();
      };
      return all(
        onRecords(services, collections.members, (id) => wanted(id) && changed(id)),
        onRecords(services, collections.leadership, everyone),
        onRecords(services, membershipCollections.membership, everyone),
      );
    },
  });
}

export function groupStream(services: Services, number: number | undefined): AsyncIterableIterator<Group> {
  return shared(services).groups.stream((group) => number === undefined || group === number);
}

function groupSource(services: Services): StatusSource<number, Group> {
  return {
    keys: () => services.topology.groups().map((group) => group.value.number),
    present: (number) => {
      const record = services.topology.group(number);
      return record && presentGroup(record, services);
    },
    subscribe: (changed) =>
      all(
        onRecords(services, topologyCollections.groups, (id) => changed(Number(id))),
        onRecords(services, topologyCollections.slots, () => {
          for (const group of services.topology.groups()) changed(group.value.number);
        }),
        services.serverMonitor.subscribe((address) => {
          const group = services.view.get(topologyCollections.servers, address)?.value.group;
          if (group !== undefined) changed(group);
        }),
      ),
  };
}

export function slotStream(services: Services, from: number, to: number): AsyncIterableIterator<Slot[]> {
  return shared(services).slots.stream(from, to);
}

export function proxyStream(services: Services, name: string | undefined): AsyncIterableIterator<Proxy> {
  return shared(services).proxies.stream((id) => name === undefined || id === name);
}

function proxySource(services: Services): StatusSource<string, Proxy> {
  const { proxies, proxySessions, proxyAcks } = topologyCollections;
  return {
    keys: () => services.topology.proxies().map(({ record }) => record.id),
    present: (id) => presentProxyNamed(id, services) ?? undefined,
    subscribe: (changed) =>
      all(
        onRecords(services, proxies, changed),
        onRecords(services, proxySessions, changed),
        onRecords(services, proxyAcks, changed),
        services.proxyMonitor.subscribe(changed),
      ),
  };
}

interface Shared {
  readonly groups: SharedStatus<number, Group>;
  readonly slots: SlotChanges<Slot>;
  readonly proxies: SharedStatus<string, Proxy>;
}

/** What the subscribers of one member share. */
const sharedOf = new WeakMap<Services, Shared>();

function shared(services: Services): Shared {
  let found = sharedOf.get(services);
  if (!found) {
    found = {
      groups: new SharedStatus(groupSource(services)),
      slots: new SlotChanges({
        slots: () => services.topology.slots(),
        present: (slots) => presentSlots(slots, services),
        subscribe: (changed) =>
          services.view.subscribe(({ changes }) => {
            if (changes.some(({ collection }) => collection === topologyCollections.slots)) changed();
          }),
      }),
      proxies: new SharedStatus(proxySource(services)),
    };
    sharedOf.set(services, found);
  }
  return found;
}

export function operationStream(
  services: Services,
  id: string | undefined,
): AsyncIterableIterator<Operation> {
  const wanted = (operation: string): boolean => id === undefined || operation === id;
  return statusStream({
    keys: () =>
      id === undefined
        ? services.operations
            .list(['PENDING', 'RUNNING', 'PAUSED', 'CANCELLING'])
            .map((operation) => operation.id)
        : [id],
    present: (operation) => {
      const record = services.operations.get(operation);
      return record && presentOperation(record);
    },
    subscribe: (changed) =>
      onRecords(services, collections.operations, (operation) => wanted(operation) && changed(operation)),
  });
}

/** For how long a revision may be ahead of what this member knows: another one may have told it first. */
const AHEAD_MS = 10_000;

/**
 * Every action after a revision, each once and in order, read from the feed itself: nothing is queued, and
 * nothing can be missed. Without a revision: the newest action there is, then those to come. A revision that does not
 * come to be within ten seconds ends the stream with an error.
 */
export function actionStream(
  services: Services,
  afterRevision: bigint | undefined,
  types: readonly ActionType[] | undefined,
): AsyncIterableIterator<Action> {
  const { feed, view } = services;
  const openedAt = performance.now();
  const isAhead = (): boolean => afterRevision !== undefined && afterRevision > view.revision;
  let cursor = afterRevision;
  let ready: ActionRecord[] = [];
  let stale = true;
  const refill = (): void => {
    stale = false;
    ready = cursor === undefined ? feed.all().slice(-1) : feed.after(cursor);
    cursor = ready[ready.length - 1]?.createRevision ?? cursor ?? services.view.revision;
  };
  return pullStream({
    open: (wake) => {
      const end = feed.subscribe(() => {
        stale = true;
        wake();
      });
      const timer = isAhead() ? setTimeout(wake, AHEAD_MS).unref() : undefined;
      return () => {
        clearTimeout(timer);
        end();
      };
    },
    next: () => {
      if (isAhead() && performance.now() - openedAt >= AHEAD_MS) {
        const message = `There is no revision ${afterRevision} yet: the newest is ${view.revision}.`;
        refuse('INVALID_INPUT', 'afterRevision', message);
      }
      for (;;) {
        if (ready.length === 0 && stale) refill();
        const action = ready.shift();
        if (!action) return undefined;
        if (matchesTypes(action, types)) return presentAction(action, services);
      }
    },
  });
}
