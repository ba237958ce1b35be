import { Arg, Authorized, Ctx, Mutation, Resolver } from 'type-graphql';
import { planMove, planRebalance, startMove, type SlotMove } from '../../redis/migration/plan.js';
import { setMigrationLimits } from '../../redis/topology/limits.js';
import { requireRole } from '../auth.js';
import type { ApiContext } from '../context.js';
import {
  AssignSlotsInput,
  assignSlotsSchema,
  InitSlotsInput,
  MigrationLimitsInput,
  migrationLimitsSchema,
  MoveSlotsInput,
  moveSlotsSchema,
  RebalanceSlotsInput,
  rebalanceSlotsSchema,
} from '../inputs/redis.js';
import { validate } from '../inputs/validate.js';
import { presentOperationId, presentSlots } from '../present.js';
import { runMutation } from '../types/payload.js';
import { MigrationLimitsPayload, MoveSlotsPayload, SlotsPayload } from '../types/payloads.js';
import { MoveSpeed, type SlotMove as SlotMoveType } from '../types/redis.js';

@Resolver()
export class SlotMutations {
  @Authorized('OPERATOR')
  @Mutation(() => SlotsPayload, {
    description: 'Creates the 1024 slots, all OFFLINE. Refused when they exist, unless forced.',
  })
  initSlots(
    @Arg('input', () => InitSlotsInput, { defaultValue: {}, description: 'How.' }) input: InitSlotsInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<SlotsPayload> {
    if (input.force) requireRole(caller, 'ADMIN');
    let done = false;
    return runMutation(
      async () => {
        const proposed = await services.assignments.init(input, caller.name);
        done = true;
        return proposed;
      },
      () => ({ slots: done ? presentSlots(services.topology.slots(), services) : [] }),
    );
  }

  @Authorized('OPERATOR')
  @Mutation(() => SlotsPayload, {
    description: 'Sets the owner without moving data: for OFFLINE slots, or forced.',
  })
  assignSlots(
    @Arg('input', () => AssignSlotsInput, { description: 'Which slots, and to whom.' })
    input: AssignSlotsInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<SlotsPayload> {
    if (input.force) requireRole(caller, 'ADMIN');
    let done = false;
    return runMutation(
      async () => {
        const proposed = await services.assignments.assign(validate(assignSlotsSchema, input), caller.name);
        done = true;
        return proposed;
      },
      () => ({ slots: done ? presentSlots(services.topology.slots(input.from, input.to), services) : [] }),
    );
  }

  @Authorized('OPERATOR')
  @Mutation(() => MoveSlotsPayload, {
    description: 'Moves slots with their keys while clients keep working.',
  })
  moveSlots(
    @Arg('input', () => MoveSlotsInput, { description: 'Which slots, and to whom.' }) input: MoveSlotsInput,
    @Ctx() context: ApiContext,
  ): Promise<MoveSlotsPayload> {
    return this.move(context, 'MOVE_SLOTS', input, () =>
      planMove(context.services.topology, validate(moveSlotsSchema, input)),
    );
  }

  @Authorized('OPERATOR')
  @Mutation(() => MoveSlotsPayload, {
    description: 'Moves slots until no group has two more than another. OFFLINE slots are left alone.',
  })
  rebalanceSlots(
    @Arg('input', () => RebalanceSlotsInput, { defaultValue: {}, description: 'Among whom.' })
    input: RebalanceSlotsInput,
    @Ctx() context: ApiContext,
  ): Promise<MoveSlotsPayload> {
    return this.move(context, 'REBALANCE', input, () =>
      planRebalance(context.services.topology, validate(rebalanceSlotsSchema, input).groups),
    );
  }

  @Authorized('ADMIN')
  @Mutation(() => MigrationLimitsPayload, {
    description: 'Changes what all moves keep within, those under way included.',
  })
  setMigrationLimits(
    @Arg('input', () => MigrationLimitsInput, { description: 'The new limits.' }) input: MigrationLimitsInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<MigrationLimitsPayload> {
    return runMutation(
      async () => {
        const { bytesPerSecond, maxKeyBytes, ...rest } = validate(migrationLimitsSchema, input);
        const changes = {
          ...rest,
          bytesPerSecond: bytesPerSecond == null ? bytesPerSecond : Number(bytesPerSecond),
          maxKeyBytes: maxKeyBytes == null ? maxKeyBytes : Number(maxKeyBytes),
        };
        return setMigrationLimits(services.topology, services.proposals, changes, caller.name);
      },
      () => ({ limits: services.topology.limits() }),
    );
  }

  private move(
    { services, caller }: ApiContext,
    kind: 'MOVE_SLOTS' | 'REBALANCE',
    { dryRun, discardAtTarget, speed }: Pick<MoveSlotsInput, 'dryRun' | 'discardAtTarget' | 'speed'>,
    plan: () => SlotMove[],
  ): Promise<MoveSlotsPayload> {
    if (discardAtTarget) requireRole(caller, 'ADMIN');
    let operationId: string | undefined;
    let moves: readonly SlotMove[] = [];
    return runMutation(
      async () => {
        moves = plan();
        await services.moves.rehearse(moves);
        if (dryRun) return null;
        const { topology, proposals } = services;
        // An input that was left out altogether has no defaults of its own.
        const how = { discardAtTarget: discardAtTarget === true, speed: speed ?? MoveSpeed.GENTLE };
        const started = await startMove(topology, proposals, kind, plan, how, caller.name);
        ({ operationId, moves } = started);
        return started.proposed;
      },
      () => ({
        operation: operationId === undefined ? null : presentOperationId(operationId, services),
        plan: moves.map(
          ({ slot, from, to }) => ({ slot, fromGroup: from, toGroup: to }) satisfies SlotMoveType,
        ),
      }),
    );
  }
}
