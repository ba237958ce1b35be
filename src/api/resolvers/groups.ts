import { Arg, Authorized, Ctx, Mutation, Resolver } from 'type-graphql';
import { refuse } from '../../common/refused.js';
import type { ApiContext } from '../context.js';
import {
  CreateGroupInput,
  RemoveForeignKeysInput,
  RemoveGroupInput,
  ResyncGroupInput,
  SetAutoFailoverInput,
  SetReplicaReadsInput,
} from '../inputs/groups.js';
import {
  AddServerInput,
  PromoteServerInput,
  RemoveServerInput,
  UpdateServerInput,
} from '../inputs/servers.js';
import { proposeOnce } from '../once.js';
import { presentGroupChange, presentGroupNumber, presentServerAt } from '../present/groups.js';
import { presentChange } from '../present/payload.js';
import {
  AddServerPayload,
  CreateGroupPayload,
  RemoveForeignKeysPayload,
  RemoveGroupPayload,
  RemoveServerPayload,
  SetAutoFailoverPayload,
  SetReplicaReadsPayload,
  UpdateServerPayload,
} from '../types/payloads/groups.js';
import { PromoteServerPayload, ResyncGroupPayload } from '../types/payloads/operations.js';

@Resolver()
export class GroupMutations {
  @Authorized('OPERATOR')
  @Mutation(() => CreateGroupPayload, { description: 'Makes an empty group.' })
  async createGroup(
    @Arg('input', () => CreateGroupInput, { description: 'The group.' }) input: CreateGroupInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<CreateGroupPayload> {
    const { number } = input;
    return presentGroupChange(await services.groupChanges.create(number, caller.name), number, services);
  }

  @Authorized('OPERATOR')
  @Mutation(() => RemoveGroupPayload, {
    description: 'Refused while a slot refers to it or a server is in it.',
  })
  async removeGroup(
    @Arg('input', () => RemoveGroupInput, { description: 'The group.' }) input: RemoveGroupInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<RemoveGroupPayload> {
    const { number, expectedRevision } = input;
    return presentGroupChange(
      await services.groupChanges.remove(number, expectedRevision, caller.name),
      number,
      services,
    );
  }

  @Authorized('OPERATOR')
  @Mutation(() => AddServerPayload, {
    description:
      'The first server becomes the master, the next replicate from it. Answers once the server has been reached ' +
      'and a replica has its data.',
  })
  async addServer(
    @Arg('input', () => AddServerInput, { description: 'The server.' }) input: AddServerInput,
    @Ctx() context: ApiContext,
  ): Promise<AddServerPayload> {
    const { services, caller } = context;
    const proposed = await proposeOnce(context, input, (claim) =>
      services.groupChanges.addServer(input, caller.name, claim),
    );
    return presentGroupChange(proposed, input.group, services);
  }

  @Authorized('OPERATOR')
  @Mutation(() => RemoveServerPayload, {
    description: 'Takes a server out of its group; it keeps running as it is.',
  })
  async removeServer(
    @Arg('input', () => RemoveServerInput, { description: 'The server.' }) input: RemoveServerInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<RemoveServerPayload> {
    return presentGroupChange(
      await services.groupChanges.removeServer(input, caller.name),
      input.group,
      services,
    );
  }

  @Authorized('OPERATOR')
  @Mutation(() => UpdateServerPayload, {
    description:
      'Changes what is recorded of a server. A new password, or address, is tried first; connections that are open live on, and no ' +
      'request fails because of it. With a new address, it answers once every proxy uses that.',
  })
  async updateServer(
    @Arg('input', () => UpdateServerInput, { description: 'The server, and what is new.' })
    input: UpdateServerInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<UpdateServerPayload> {
    const proposed = await services.serverUpdates.update(input, caller.name);
    const { group, address, newAddress } = input;
    return presentChange(proposed, { server: presentServerAt(group, [newAddress, address], services) });
  }

  @Authorized('OPERATOR')
  @Mutation(() => SetReplicaReadsPayload, {
    description: 'Lets proxies send reads to replicas, or no longer.',
  })
  async setReplicaReads(
    @Arg('input', () => SetReplicaReadsInput, { description: 'The group and the setting.' })
    input: SetReplicaReadsInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<SetReplicaReadsPayload> {
    return presentGroupChange(await services.replicaReads.set(input, caller.name), input.group, services);
  }

  @Authorized('ADMIN')
  @Mutation(() => RemoveForeignKeysPayload, {
    description:
      'Removes keys that the master holds of slots which its group does not own: from an old snapshot, say, or left ' +
      'behind by a forced assignment. Nobody is served them.',
  })
  async removeForeignKeys(
    @Arg('input', () => RemoveForeignKeysInput, { description: 'From where.' }) input: RemoveForeignKeysInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<RemoveForeignKeysPayload> {
    const { proposed, keys, slots } = await services.foreignKeys.remove(input, caller.name);
    return presentChange(proposed, {
      group: presentGroupNumber(input.group, services),
      keys: BigInt(keys),
      slots: [...slots],
    });
  }

  @Authorized('OPERATOR')
  @Mutation(() => PromoteServerPayload, { description: 'Makes a replica the master. Not in this version.' })
  promoteServer(
    @Arg('input', () => PromoteServerInput, { description: 'The replica.' }) _input: PromoteServerInput,
  ): PromoteServerPayload {
    return unsupported('promote servers');
  }

  @Authorized('OPERATOR')
  @Mutation(() => ResyncGroupPayload, {
    description: "Points a group's replicas at its master. Not in this version.",
  })
  resyncGroup(
    @Arg('input', () => ResyncGroupInput, { description: 'The group.' }) _input: ResyncGroupInput,
  ): ResyncGroupPayload {
    return unsupported('resync groups');
  }

  @Authorized('OPERATOR')
  @Mutation(() => SetAutoFailoverPayload, {
    description: 'Lets a replica take over by itself. Not in this version.',
  })
  setAutoFailover(
    @Arg('input', () => SetAutoFailoverInput, { description: 'The group and the setting.' })
    _input: SetAutoFailoverInput,
  ): SetAutoFailoverPayload {
    return unsupported('fail over by itself');
  }
}

/** The contract promises this, and this version does not do it yet: it is refused, never pretended. */
function unsupported(what: string): never {
  return refuse('UNSUPPORTED', null, `This version cannot ${what} yet.`);
}
