import { collections } from '../../cluster/records.js';
import { QuorateError } from '../../common/errors.js';
import { refuse } from '../../common/refused.js';
import type { Topology } from '../topology/topology.js';

/** Slots of another operation are on their way from or to a group from or to which ours were to set out. */
export class GroupsInUseError extends QuorateError {
  constructor(
    /** The other operation. */
    readonly operation: string,
    readonly groups: readonly number[],
  ) {
    super(
      'GROUPS_IN_USE',
      `Operation ${operation} has slots on their way from or to group ${groups.join(' or ')}. Keys must not go both ` +
        'between two servers: they would block each other. Resume or cancel that operation, and wait for its end.',
    );
  }
}

/** The groups that take part, each once. */
export function groupsOf(ways: readonly { readonly from: number; readonly to: number }[]): number[] {
  return [...new Set(ways.flatMap(({ from, to }) => [from, to]))];
}

/**
 * The operation, if not this one, that has slots on their way from or to one of the groups.
 *
 * A server that sends keys with MIGRATE does nothing else until the other has taken them. Two that send to each other
 * wait for each other, and neither answers anybody, until one of them gives up after seconds; so do more of them in a
 * circle. Within an operation slots all go from some groups to others, or all back. So there is no circle as long as
 * the ways of no two operations meet in a group, whether the operations go on or rest.
 */
export function operationInTheWay(
  topology: Topology,
  groups: readonly number[],
  operation: string | null,
): string | undefined {
  const others = topology
    .slots()
    .find(
      (slot) =>
        slot.targetGroup !== null &&
        slot.operation !== operation &&
        groups.some((group) => group === slot.group || group === slot.targetGroup),
    );
  return others?.operation ?? undefined;
}

/**
 * For whoever has the groups to itself (`group-locks.ts`): what others before it have written of their slots is in the
 * view by then.
 *
 * @throws GroupsInUseError when another operation's slots are on their way from or to one of them
 */
export function requireGroupsFree(topology: Topology, groups: readonly number[], operation: string): void {
  const other = operationInTheWay(topology, groups, operation);
  if (other !== undefined) throw new GroupsInUseError(other, groups);
}

/** Waits for another operation that goes on; throws the error again when it rests, as it may do so for ever. */
export async function untilFree(
  topology: Topology,
  error: GroupsInUseError,
  operation: string,
  signal: AbortSignal,
): Promise<void> {
  const isInTheWay = (): boolean => operationInTheWay(topology, error.groups, operation) === error.operation;
  await topology.view.until(() => !isInTheWay() || rests(topology, error.operation), signal);
  if (isInTheWay()) throw error;
}

/** Refuses a plan that could not begin because of an operation that rests. */
export function refuseRestingWays(topology: Topology, groups: readonly number[]): void {
  const other = operationInTheWay(topology, groups, null);
  if (other !== undefined && rests(topology, other))
    refuse('IN_USE', [], new GroupsInUseError(other, groups).message);
}

function rests(topology: Topology, operation: string): boolean {
  const state = topology.view.get(collections.operations, operation)?.value.state;
  return state !== 'PENDING' && state !== 'RUNNING' && state !== 'CANCELLING';
}
