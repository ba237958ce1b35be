import { Arg, Authorized, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Proposed } from '../../cluster/proposals.js';
import type { ForeignKeysRemoved } from '../../redis/migration/foreign-keys.js';
import { requireRole } from '../auth.js';
import type { ApiContext, Services } from '../context.js';
import {
  AddServerInput,
  addServerSchema,
  CreateGroupInput,
  createGroupSchema,
  PromoteServerInput,
  RemoveForeignKeysInput,
  removeForeignKeysSchema,
  RemoveGroupInput,
  removeGroupSchema,
  RemoveServerInput,
  removeServerSchema,
  ResyncGroupInput,
  SetAutoFailoverInput,
  SetReplicaReadsInput,
  setReplicaReadsSchema,
} from '../inputs/redis.js';
import { UpdateServerInput, updateServerSchema } from '../inputs/redis-servers.js';
import { validate } from '../inputs/validate.js';
import { presentGroupNumber, presentServer } from '../present.js';
import { runMutation, unsupported } from '../types/payload.js';
import {
  GroupPayload,
  OperationPayload,
  RemoveForeignKeysPayload,
  UpdateServerPayload,
} from '../types/payloads.js';

@Resolver()
export class GroupMutations {
  @Authorized('OPERATOR')
  @Mutation(() => GroupPayload, { description: 'Makes an empty group.' })
  createGroup(
    @Arg('input', () => CreateGroupInput, { description: 'The group.' }) input: CreateGroupInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<GroupPayload> {
    return change(services, input.number, () =>
      services.groups.create(validate(createGroupSchema, input).number, caller.name),
    );
  }

  @Authorized('OPERATOR')
  @Mutation(() => GroupPayload, { description: 'Refused while a slot refers to it or a server is in it.' })
  removeGroup(
    @Arg('input', () => RemoveGroupInput, { description: 'The group.' }) input: RemoveGroupInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<GroupPayload> {
    return change(services, input.number, () => {
      const { number, expectedRevision } = validate(removeGroupSchema, input);
      return services.groups.remove(number, expectedRevision, caller.name);
    });
  }

  @Authorized('OPERATOR')
  @Mutation(() => GroupPayload, {
    description:
      'The first server becomes the master, the next replicate from it. Answers once the server has been reached ' +
      'and a replica has its data.',
  })
  addServer(
    @Arg('input', () => AddServerInput, { description: 'The server.' }) input: AddServerInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<GroupPayload> {
    return change(services, input.group, () =>
      services.groups.addServer(validate(addServerSchema, input), caller.name),
    );
  }

  @Authorized('OPERATOR')
  @Mutation(() => GroupPayload, {
    description: 'Takes a server out of its group; it keeps running as it is.',
  })
  removeServer(
    @Arg('input', () => RemoveServerInput, { description: 'The server.' }) input: RemoveServerInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<GroupPayload> {
    if (input.force) requireRole(caller, 'ADMIN');
    return change(services, input.group, () =>
      services.groups.removeServer(validate(removeServerSchema, input), caller.name),
    );
  }

  @Authorized('OPERATOR')
  @Mutation(() => UpdateServerPayload, {
    description:
      'Changes what is recorded of a server. A new password, or address, is tried first; connections that are open live on, and no ' +
      'request fails because of it. With a new address, it answers once every proxy uses that.',
  })
  updateServer(
    @Arg('input', () => UpdateServerInput, { description: 'The server, and what is new.' })
    input: UpdateServerInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<UpdateServerPayload> {
    return runMutation(
      async () => services.serverUpdates.update(validate(updateServerSchema, input), caller.name),
      () => {
        const { servers } = services.topology.group(input.group)?.value ?? { servers: [] };
        const server =
          servers.find(({ address }) => address === input.newAddress) ??
          servers.find(({ address }) => address === input.address);
        return { server: server ? presentServer(server, services) : null };
      },
    );
  }

  @Authorized('OPERATOR')
  @Mutation(() => GroupPayload, { description: 'Lets proxies send reads to replicas, or no longer.' })
  setReplicaReads(
    @Arg('input', () => SetReplicaReadsInput, { description: 'Where, and whether.' })
    input: SetReplicaReadsInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<GroupPayload> {
    return change(services, input.group, () =>
      services.replicaReads.set(validate(setReplicaReadsSchema, input), caller.name),
    );
  }

  @Authorized('ADMIN')
  @Mutation(() => RemoveForeignKeysPayload, {
    description:
      'Removes keys that the master holds of slots which its group does not own: from an old snapshot, say, or left ' +
      'behind by a forced assignment. Nobody is served them.',
  })
  removeForeignKeys(
    @Arg('input', () => RemoveForeignKeysInput, { description: 'From where.' }) input: RemoveForeignKeysInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<RemoveForeignKeysPayload> {
    let removed: ForeignKeysRemoved | undefined;
    return runMutation(
      async () => {
        removed = await services.foreignKeys.remove(validate(removeForeignKeysSchema, input), caller.name);
        return removed.proposed;
      },
      () => ({
        group: presentGroupNumber(input.group, services),
        keys: removed === undefined ? null : BigInt(removed.keys),
        slots: [...(removed?.slots ?? [])],
      }),
    );
  }

  @Authorized('OPERATOR')
  @Mutation(() => OperationPayload, { description: 'Makes a replica the master. Not in this version.' })
  promoteServer(
    @Arg('input', () => PromoteServerInput, { description: 'The replica.' }) _input: PromoteServerInput,
  ): OperationPayload {
    return unsupported('promote servers', { operation: null });
  }

  @Authorized('OPERATOR')
  @Mutation(() => OperationPayload, {
    description: "Points a group's replicas at its master. Not in this version.",
  })
  resyncGroup(
    @Arg('input', () => ResyncGroupInput, { description: 'The group.' }) _input: ResyncGroupInput,
  ): OperationPayload {
    return unsupported('resync groups', { operation: null });
  }

  @Authorized('OPERATOR')
  @Mutation(() => GroupPayload, { description: 'Lets a replica take over by itself. Not in this version.' })
  setAutoFailover(
    @Arg('input', () => SetAutoFailoverInput, { description: 'Where, and whether.' })
    input: SetAutoFailoverInput,
    @Ctx() { services }: ApiContext,
  ): GroupPayload {
    return unsupported('fail over by itself', { group: presentGroupNumber(input.group, services) });
  }
}

function change(
  services: Services,
  group: number,
  work: () => Promise<Proposed | null>,
): Promise<GroupPayload> {
  return runMutation(
    async () => work(),
    () => ({ group: presentGroupNumber(group, services) }),
  );
}
