import { Arg, Authorized, Ctx, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import { matchesTypes, type Action } from '../../cluster/feed.js';
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
import { takeLast, takePage } from '../paging.js';
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
    @Arg('first', () => Int, {
      nullable: true,
      defaultValue: 50,
      description: 'The number of entries at most, up to 500.',
    })
    first: number | null,
    @Arg('after', () => String, { nullable: true, description: '`endCursor` of the page before.' })
    after: string | null | undefined,
    @Ctx() { services }: ApiContext,
  ): OperationConnection {
    const all = services.operations.list(states ?? undefined);
    const { page, pageInfo } = takePage(
      all,
      (operation) => operation.createRevision,
      'descending',
      first,
      after,
    );
    return { nodes: page.map(presentOperation), pageInfo, totalCount: all.length };
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
  @Query(() => ActionConnection, { description: 'The change feed, oldest first.' })
  actions(
    @Arg('afterRevision', () => BigIntScalar, {
      nullable: true,
      description: 'Only those that committed after it. COMPACTED when some of them have been collected.',
    })
    afterRevision: bigint | null | undefined,
    @Arg('types', () => [ActionType], { nullable: true, description: 'Only of these types.' })
    types: ActionTypeName[] | null | undefined,
    @Arg('first', () => Int, {
      nullable: true,
      defaultValue: 50,
      description: 'The number of entries at most, up to 500.',
    })
    first: number | null,
    @Arg('after', () => String, { nullable: true, description: '`endCursor` of the page before.' })
    after: string | null | undefined,
    @Arg('last', () => Int, {
      nullable: true,
      description:
        'Instead of `first` and `after`: so many of the newest, up to 500, the oldest of them first.',
    })
    last: number | null | undefined,
    @Ctx() { services }: ApiContext,
  ): ActionConnection {
    const all = afterRevision == null ? services.feed.all() : services.feed.after(afterRevision);
    const matching = all.filter((action) => matchesTypes(action, types));
    const revisionOf = (action: Action): bigint => action.createRevision;
    const { page, pageInfo } =
      last == null
        ? takePage(matching, revisionOf, 'ascending', first, after)
        : takeLast(matching, revisionOf, last);
    return { nodes: page.map((action) => presentAction(action, services)), pageInfo };
  }

  @Authorized('OPERATOR')
  @Mutation(() => CancelOperationPayload, {
    description:
      'Stops long work and undoes what is half done: slots under way return with their keys to where they came ' +
      'from, slots that have arrived stay. Refused when their keys cannot go back, to an older version say.',
  })
  async cancelOperation(
    @Arg('input', () => CancelOperationInput, { description: 'Which.' }) input: CancelOperationInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<CancelOperationPayload> {
    return presentOperationChange(await services.moves.cancel(input.id, caller.name), input.id, services);
  }

  @Authorized('OPERATOR')
  @Mutation(() => PauseOperationPayload, {
    description: 'Stops long work half-way; clients keep working meanwhile.',
  })
  async pauseOperation(
    @Arg('input', () => PauseOperationInput, { description: 'Which.' }) input: PauseOperationInput,
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
    @Arg('input', () => ResumeOperationInput, { description: 'Which, and which way.' })
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
    @Arg('input', () => CollectActionsInput, { description: 'Which.' }) input: CollectActionsInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<CollectActionsPayload> {
    const { keepLast, olderThan } = input;
    const which = keepLast == null ? { olderThan: olderThan as Date } : { keepLast };
    const { proposed, collected } = await services.feed.collect(which, caller.name);
    return presentChange(proposed, { collected });
  }
}
