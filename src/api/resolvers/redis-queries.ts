import { Arg, Authorized, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import { slotOfKey } from '../../redis/key-slot.js';
import { SLOT_COUNT } from '../../redis/slots.js';
import { checkRange, requireSlots } from '../../redis/topology/slot-changes.js';
import type { ApiContext } from '../context.js';
import { presentGroup, presentGroupNumber } from '../present/groups.js';
import { presentProxy, presentProxyNamed } from '../present/proxies.js';
import { presentSlotRanges, presentSlots } from '../present/slots.js';
import { BigIntScalar } from '../scalars.js';
import { Proxy } from '../types/proxy.js';
import { Group, MigrationLimits, Slot, SlotMove, SlotRange, SlotStatus } from '../types/redis.js';

@Resolver()
export class RedisQueries {
  @Authorized('VIEWER')
  @Query(() => [Group], { description: 'All groups, by number.' })
  groups(@Ctx() { services }: ApiContext): Group[] {
    return services.topology.groups().map((group) => presentGroup(group, services));
  }

  @Authorized('VIEWER')
  @Query(() => Group, { nullable: true, description: 'One group; null when there is none of that number.' })
  group(
    @Arg('number', () => Int, { description: 'The number of the group.' }) number: number,
    @Ctx() { services }: ApiContext,
  ): Group | null {
    return presentGroupNumber(number, services);
  }

  @Authorized('VIEWER')
  @Query(() => [Slot], { description: 'Slots, by number; none before initSlots.' })
  slots(
    @Arg('from', () => Int, { nullable: true, defaultValue: 0, description: 'The first.' })
    from: number | null,
    @Arg('to', () => Int, { nullable: true, defaultValue: SLOT_COUNT - 1, description: 'The last.' })
    to: number | null,
    @Arg('group', () => Int, { nullable: true, description: 'Only those that this group owns.' })
    group: number | null | undefined,
    @Arg('status', () => [SlotStatus], { nullable: true, description: 'Only those with one of these.' })
    status: SlotStatus[] | null | undefined,
    @Ctx() { services }: ApiContext,
  ): Slot[] {
    checkRange(from ?? 0, to ?? SLOT_COUNT - 1);
    const slots = services.topology
      .slots(from ?? 0, to ?? SLOT_COUNT - 1)
      .filter((slot) => (group == null || slot.group === group) && (!status || status.includes(slot.status)));
    return presentSlots(slots, services);
  }

  @Authorized('VIEWER')
  @Query(() => Slot, { nullable: true, description: 'One slot; null before initSlots.' })
  slot(
    @Arg('number', () => Int, { description: 'The number of the slot, 0 to 1023.' }) number: number,
    @Ctx() { services }: ApiContext,
  ): Slot | null {
    const slot = services.topology.slot(number);
    return (slot && presentSlots([slot], services)[0]) ?? null;
  }

  @Authorized('VIEWER')
  @Query(() => [SlotRange], { description: 'All slots, neighbours that are alike taken together.' })
  slotRanges(@Ctx() { services }: ApiContext): SlotRange[] {
    return presentSlotRanges(services);
  }

  @Authorized('VIEWER')
  @Query(() => Slot, { description: 'The slot that a key belongs to.' })
  slotOf(
    @Arg('key', () => String, { description: 'The key, as text in UTF-8.' }) key: string,
    @Ctx() { services }: ApiContext,
  ): Slot {
    requireSlots(services.topology);
    return presentSlots(services.topology.slots(slotOfKey(key), slotOfKey(key)), services)[0] as Slot;
  }

  @Authorized('VIEWER')
  @Query(() => [Proxy], { description: 'All registered proxies, by name.' })
  proxies(@Ctx() { services }: ApiContext): Proxy[] {
    return services.topology.proxies().map((proxy) => presentProxy(proxy, services));
  }

  @Authorized('VIEWER')
  @Query(() => Proxy, {
    nullable: true,
    description: 'One proxy; null when none of that name is registered.',
  })
  proxy(
    @Arg('name', () => String, { description: 'The name of the proxy.' }) name: string,
    @Ctx() { services }: ApiContext,
  ): Proxy | null {
    return presentProxyNamed(name, services);
  }

  @Authorized('VIEWER')
  @Query(() => MigrationLimits, { description: 'The limits that all moves of slots keep together.' })
  migrationLimits(@Ctx() { services }: ApiContext): MigrationLimits {
    return services.topology.limits();
  }
}

const KEYS_DESCRIPTION =
  'Keys in it, from a count that may be some seconds old and costs the server a SCAN; null when the server has ' +
  'more than two million keys or does not answer.';

@Resolver(() => Slot)
export class SlotFields {
  @FieldResolver(() => BigIntScalar, { nullable: true, description: KEYS_DESCRIPTION })
  async keys(@Root() slot: Slot, @Ctx() { services }: ApiContext): Promise<number | null> {
    return slot.groupNumber === null ? null : services.slotCounter.count(slot.number, slot.groupNumber);
  }
}

@Resolver(() => SlotMove)
export class SlotMoveFields {
  @FieldResolver(() => BigIntScalar, { nullable: true, description: KEYS_DESCRIPTION })
  async keys(@Root() move: SlotMove, @Ctx() { services }: ApiContext): Promise<number | null> {
    return move.fromGroup === null ? null : services.slotCounter.count(move.slot, move.fromGroup);
  }
}
