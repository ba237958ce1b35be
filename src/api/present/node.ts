import { collections } from '../../cluster/records.js';
import { requireRole } from '../auth.js';
import type { ApiContext, Services } from '../context.js';
import type { Node } from '../types/node.js';
import { presentAction } from './actions.js';
import { presentNamedServer, presentSlaves } from './binlog-servers.js';
import { presentCluster } from './cluster.js';
import { presentGroupNumber, presentServerAddress, presentServerId } from './groups.js';
import { presentJournal, presentSegmentNamed } from './journal.js';
import { presentMemberNamed } from './members.js';
import { presentOperationId } from './operations.js';
import { presentProblem } from './problems.js';
import { presentProxyNamed } from './proxies.js';
import { presentSlots } from './slots.js';
import { presentSyncer } from './syncer.js';
import { presentTokens } from './tokens.js';

type Find = (name: string, context: ApiContext) => Node | null | undefined;

/** By the first part of an id: finds a candidate by the rest of it. Actions and operations have ids of one part. */
const FINDERS: Readonly<Record<string, Find>> = {
  binlogServer: (name, { services }) => presentNamedServer(name, services),
  cluster: (_, { services }) => presentCluster(services),
  group: (number, { services }) => presentGroupNumber(Number(number), services),
  journal: (_, { services }) => presentJournal(services),
  member: (name, { services }) => presentMemberNamed(name, services),
  problem: (name, { services }) => {
    const problem = services.problems.list().find(({ id }) => id === `problem/${name}`);
    return problem && presentProblem(problem);
  },
  proxy: (name, { services }) => presentProxyNamed(name, services),
  segment: (name, { services }) => presentSegmentNamed(name.replace(/^.*\//, ''), services),
  server: (id, { services }) => presentServerId(id, services),
  slave: (name, { services }) => presentSlaves(null, services).find(({ id }) => id === `slave/${name}`),
  slot: (number, { services }) => {
    const slot = services.topology.slot(Number(number));
    return slot && presentSlots([slot], services)[0];
  },
  syncer: (_, { services }) => presentSyncer(services),
  token: (name, { services, caller }) => {
    requireRole(caller, 'ADMIN');
    return presentTokens(services).find(({ id }) => id === `token/${name}`);
  },
};

/** Any object by its id; null when there is none. Tokens are shown to an ADMIN only. */
export function presentNode(id: string, context: ApiContext): Node | null {
  const [, kind = '', name = ''] = /^([^/]+)\/(.*)$/s.exec(id) ?? [];
  const node = Object.hasOwn(FINDERS, kind)
    ? FINDERS[kind]!(name, context)
    : presentActionOrOperation(id, context.services);
  return node?.id === id ? node : null;
}

/** The object that a problem is about, where that is one with an id of its own; else null. */
export function presentSubject(subject: string, context: ApiContext): Node | null {
  const { services } = context;
  const [kind, name = ''] = subject.split(/\/(.*)/s);
  if (kind === 'server') return presentServerAddress(name, services);
  if (kind === 'operation') return presentOperationId(name, services);
  if (subject === 'journal') return presentJournal(services);
  if (subject === 'syncer') return presentSyncer(services);
  return presentNode(subject, context);
}

function presentActionOrOperation(id: string, services: Services): Node | null {
  const action = services.view.get(collections.actions, id);
  return action ? presentAction(action, services) : presentOperationId(id, services);
}
