import type { SegmentInfo } from '../../binlog/journal/segment.js';
import type { RestartedSlaves } from '../../binlog/member/binlog-service.js';
import type { Services } from '../context.js';
import { Journal, Segment } from '../types/journal.js';
import type { RestartJournalAfterPayload } from '../types/payloads/journal.js';
import { presentSlave } from './binlog-servers.js';
import { CHANNEL } from './channel.js';
import { presentGtids } from './gtids.js';
import { presentMember } from './members.js';
import { presentChange } from './payload.js';

export function presentJournal(services: Services): Journal {
  const { binlog, membership } = services;
  const { journal, view } = binlog;
  const record = view.start();
  const [start, commit, term] = [record?.value, view.commit(), view.term()];
  const { executedGtidSet, purgedGtidSet } = presentGtids(binlog);
  // The commit of this member comes right behind its record, and the sets below are of the same moment.
  const committed = binlog.holdsTerm && journal ? journal.committedOffset : (commit?.offset ?? 0);
  const holders = (commit?.holders ?? []).flatMap((id) => membership.byId(id) ?? []);
  return Object.assign(new Journal(), {
    id: `journal/${CHANNEL}`,
    startOffset: start?.offset ?? null,
    committedOffset: start ? committed : null,
    term: start && term ? `${term.epoch}.${term.generation}` : null,
    holders: holders.map((member) => presentMember(member, services)),
    sizeBytes: start && journal ? journal.sizeBytes : null,
    revision: record?.revision ?? null,
    executedGtidSet,
    purgedGtidSet,
  } satisfies Journal);
}

export function presentSegment(info: SegmentInfo): Segment {
  return Object.assign(new Segment(), {
    id: `segment/${CHANNEL}/${info.name}`,
    ...info,
    previousGtidSet: String(info.previousGtidSet),
    addedGtidSet: String(info.addedGtidSet),
  } satisfies Segment);
}

/** Null when the answering member has none of that name with committed bytes. */
export function presentSegmentNamed(name: string, { binlog }: Services): Segment | null {
  const { journal } = binlog;
  const info = journal?.segments().find((segment) => segment.name === name);
  return info && info.startOffset < journal!.committedOffset ? presentSegment(info) : null;
}

export function presentRestart(restarted: RestartedSlaves, services: Services): RestartJournalAfterPayload {
  const { proposed, plan, slaves, lost } = restarted;
  return presentChange(proposed, {
    journal: presentJournal(services),
    discardedGtidSet: String(plan.discarded),
    aheadGtidSet: String(plan.ahead),
    missingGtidSet: String(plan.missing),
    slaves: slaves.map(presentSlave),
    lostSlaves: lost.map(presentSlave),
    folder: plan.folder,
  });
}
