import { Arg, Authorized, Ctx, Mutation, Resolver } from 'type-graphql';
import {
  planMove,
  planRebalance,
  startedBefore,
  startMove,
  type PlannedMove,
} from '../../redis/migration/plan.js';
import { setMigrationLimits } from '../../redis/topology/limits.js';
import type { ApiContext } from '../context.js';
import type { MoveOptions } from '../inputs/move-options.js';
import {
  AssignSlotsInput,
  InitSlotsInput,
  MoveSlotsInput,
  RebalanceSlotsInput,
  SetMigrationLimitsInput,
} from '../inputs/slots.js';
import { once } from '../once.js';
import { presentOperationId } from '../present/operations.js';
import { presentChange } from '../present/payload.js';
import { presentMove, presentSlots } from '../present/slots.js';
import {
  AssignSlotsPayload,
  InitSlotsPayload,
  MoveSlotsPayload,
  RebalanceSlotsPayload,
  SetMigrationLimitsPayload,
  type StartedMove,
} from '../types/payloads/slots.js';

@Resolver()
export class SlotMutations {
  @Authorized('OPERATOR')
  @Mutation(() => InitSlotsPayload, {
    description: 'Creates the 1024 slots, all OFFLINE. Refused when they exist, unless forced.',
  })
  async initSlots(
    @Arg('input', () => InitSlotsInput, { defaultValue: {}, description: 'Options of the creation.' })
    input: InitSlotsInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<InitSlotsPayload> {
    const proposed = await services.assignments.init(input, caller.name);
    return presentChange(proposed, { slots: presentSlots(services.topology.slots(), services) });
  }

  @Authorized('OPERATOR')
  @Mutation(() => AssignSlotsPayload, {
    description: 'Sets the owner without moving data: for OFFLINE slots, or forced.',
  })
  async assignSlots(
    @Arg('input', () => AssignSlotsInput, { description: 'The slots, and the group that gets them.' })
    input: AssignSlotsInput,
    @Ctx() context: ApiContext,
  ): Promise<AssignSlotsPayload> {
    const { services, caller } = context;
    const proposed = await once(context, input, {
      change: (claim) => services.assignments.assign(input, caller.name, claim),
      again: (first) => services.assignments.assignedBefore(first),
      stands: (answer) => services.assignments.stands(answer),
    });
    const slots = services.topology.slots(input.from, input.to);
    return presentChange(proposed, { slots: presentSlots(slots, services) });
  }

  @Authorized('OPERATOR')
  @Mutation(() => MoveSlotsPayload, {
    description: 'Moves slots with their keys while clients keep working.',
  })
  moveSlots(
    @Arg('input', () => MoveSlotsInput, { description: 'The slots, and the group that gets them.' })
    input: MoveSlotsInput,
    @Ctx() context: ApiContext,
  ): Promise<MoveSlotsPayload> {
    return this.move(context, 'MOVE_SLOTS', input, () => planMove(context.services.topology, input));
  }

  @Authorized('OPERATOR')
  @Mutation(() => RebalanceSlotsPayload, {
    description: 'Moves slots until no group has two more than another. OFFLINE slots are left alone.',
  })
  rebalanceSlots(
    @Arg('input', () => RebalanceSlotsInput, { defaultValue: {}, description: 'Among whom.' })
    input: RebalanceSlotsInput,
    @Ctx() context: ApiContext,
  ): Promise<RebalanceSlotsPayload> {
    return this.move(context, 'REBALANCE', input, () =>
      planRebalance(context.services.topology, input.groups),
    );
  }

  @Authorized('ADMIN')
  @Mutation(() => SetMigrationLimitsPayload, {
    description: 'Changes what all moves keep within, those under way included.',
  })
  async setMigrationLimits(
    @Arg('input', () => SetMigrationLimitsInput, { description: 'The new limits.' })
    input: SetMigrationLimitsInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<SetMigrationLimitsPayload> {
    const { bytesPerSecond, maxKeyBytes, ...rest } = input;
    const changes = {
      ...rest,
      bytesPerSecond: bytesPerSecond == null ? bytesPerSecond : Number(bytesPerSecond),
      maxKeyBytes: maxKeyBytes == null ? maxKeyBytes : Number(maxKeyBytes),
    };
    const proposed = await setMigrationLimits(services.topology, services.proposals, changes, caller.name);
    return presentChange(proposed, { limits: services.topology.limits() });
  }

  private async move(
    context: ApiContext,
    kind: 'MOVE_SLOTS' | 'REBALANCE',
    input: MoveOptions,
    plan: () => PlannedMove[],
  ): Promise<StartedMove> {
    const { services, caller } = context;
    const { topology, proposals, moves } = services;
    if (input.dryRun) {
      const planned = plan();
      await moves.rehearse(planned);
      return presentChange(null, { operation: null, plan: planned.map(presentMove) });
    }
    const { discardAtTarget, speed } = input;
    const how = { discardAtTarget, speed };
    const started = await once(context, input, {
      change: async (claim) => {
        await moves.rehearse(plan());
        return startMove(topology, proposals, kind, plan, how, caller.name, claim);
      },
      again: startedBefore,
    });
    return presentChange(started.proposed, {
      operation: presentOperationId(started.operationId, services),
      plan: started.moves.map(presentMove),
    });
  }
}
