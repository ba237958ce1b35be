import { Arg, Authorized, Ctx, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import { matchesTypes, type Action } from '../../cluster/feed.js';
import type { Operation as OperationRecord } from '../../cluster/operations.js';
import type {
  ActionType as ActionTypeName,
  OperationState as OperationStateName,
} from '../../cluster/records.js';
import type { ApiContext } from '../context.js';
import {
  CancelOperationInput,
  CollectActionsInput,
  PauseOperationInput,
  ResumeOperationInput,
} from '../inputs/cluster.js';
import { DEFAULT_PAGE, MAX_PAGE, takePage } from '../paging.js';
import { presentAction } from '../present/actions.js';
import { presentOperation, presentOperationChange, presentOperationId } from '../present/operations.js';
import { presentChange } from '../present/payload.js';
import { BigIntScalar } from '../scalars.js';
import {
  ActionConnection,
  ActionType,
  Operation,
  OperationConnection,
  OperationState,
} from '../types/feed.js';
import {
  CancelOperationPayload,
  CollectActionsPayload,
  PauseOperationPayload,
  ResumeOperationPayload,
} from '../types/payloads/operations.js';

const FIRST = {
  nullable: true,
  description: `The number of entries at most, up to ${MAX_PAGE}; ${DEFAULT_PAGE} without first and last.`,
};
const AFTER = {
  nullable: true,
  description: 'Only entries behind this cursor, as the `endCursor` of a page.',
};
const LAST = {
  nullable: true,
  description: `Instead of first: so many entries at the end of the list, up to ${MAX_PAGE}, in the same order.`,
};
const BEFORE = {
  nullable: true,
  description: 'Only entries before this cursor, as the `startCursor` of a page.',
};

@Resolver()
export class FeedResolver {
  @Authorized('VIEWER')
  @Query(() => OperationConnection, { description: 'Long work, newest first.' })
  operations(
    @Arg('state', () => [OperationState], {
      nullable: true,
      description: 'Only those in one of these states.',
    })
    states: OperationStateName[] | null | undefined,
    @Arg('first', () => Int, FIRST) first: number | null | undefined,
    @Arg('after', () => String, AFTER) after: string | null | undefined,
    @Arg('last', () => Int, LAST) last: number | null | undefined,
    @Arg('before', () => String, BEFORE) before: string | null | undefined,
    @Ctx() { services }: ApiContext,
  ): OperationConnection {
    const items = services.operations.list(states ?? undefined);
    const revisionOf = (operation: OperationRecord): bigint => operation.createRevision;
    return takePage(
      { items, revisionOf, order: 'descending' },
      { first, after, last, before },
      presentOperation,
    );
  }

  @Authorized('VIEWER')
  @Query(() => Operation, { nullable: true, description: 'One piece of long work; null when there is none.' })
  operation(
    @Arg('id', () => ID, { description: 'The id of the operation.' }) id: string,
    @Ctx() { services }: ApiContext,
  ): Operation | null {
    return presentOperationId(id, services);
  }

  @Authorized('VIEWER')
  @Query(() => ActionConnection, { description: 'The action feed, oldest first.' })
  actions(
    @Arg('afterRevision', () => BigIntScalar, {
      nullable: true,
      description: 'Only those that committed after it. COMPACTED when some of them have been collected.',
    })
    afterRevision: bigint | null | undefined,
    @Arg('types', () => [ActionType], { nullable: true, description: 'Only of these types.' })
    types: ActionTypeName[] | null | undefined,
    @Arg('first', () => Int, FIRST) first: number | null | undefined,
    @Arg('after', () => String, AFTER) after: string | null | undefined,
    @Arg('last', () => Int, LAST) last: number | null | undefined,
    @Arg('before', () => String, BEFORE) before: string | null | undefined,
    @Ctx() { services }: ApiContext,
  ): ActionConnection {
    const all = afterRevision == null ? services.feed.all() : services.feed.after(afterRevision);
    const items = all.filter((action) => matchesTypes(action, types));
    const revisionOf = (action: Action): bigint => action.createRevision;
    return takePage({ items, revisionOf, order: 'ascending' }, { first, after, last, before }, (action) =>
      presentAction(action, services),
    );
  }

  @Authorized('OPERATOR')
  @Mutation(() => CancelOperationPayload, {
    description:
      'Stops long work and undoes what is half done: slots under way return with their keys to where they came ' +
      'from, slots that have arrived stay. Refused when their keys cannot go back, to an older version say.',
  })
  async cancelOperation(
    @Arg('input', () => CancelOperationInput, { description: 'The operation.' }) input: CancelOperationInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<CancelOperationPayload> {
    return presentOperationChange(await services.moves.cancel(input.id, caller.name), input.id, services);
  }

  @Authorized('OPERATOR')
  @Mutation(() => PauseOperationPayload, {
    description: 'Stops long work half-way; clients keep working meanwhile.',
  })
  async pauseOperation(
    @Arg('input', () => PauseOperationInput, { description: 'The operation.' }) input: PauseOperationInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<PauseOperationPayload> {
    return presentOperationChange(await services.operations.pause(input.id, caller.name), input.id, services);
  }

  @Authorized('OPERATOR')
  @Mutation(() => ResumeOperationPayload, {
    description:
      'Goes on with long work that was paused, by somebody or by an error; forward also with work that is being cancelled.',
  })
  async resumeOperation(
    @Arg('input', () => ResumeOperationInput, { description: 'The operation and its direction.' })
    input: ResumeOperationInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<ResumeOperationPayload> {
    const { id, direction } = input;
    return presentOperationChange(await services.moves.resume(id, direction, caller.name), id, services);
  }

  @Authorized('ADMIN')
  @Mutation(() => CollectActionsPayload, {
    description: 'Forgets old actions. A feed that wants to resume before them is answered COMPACTED.',
  })
  async collectActions(
    @Arg('input', () => CollectActionsInput, { description: 'The actions to forget.' })
    input: CollectActionsInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<CollectActionsPayload> {
    const { keepLast, olderThan } = input;
    const which = keepLast == null ? { olderThan: olderThan as Date } : { keepLast };
    const { proposed, collected } = await services.feed.collect(which, caller.name);
    return presentChange(proposed, { collected });
  }
}
