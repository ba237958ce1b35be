import { Arg, Authorized, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Proposed } from '../../cluster/proposals.js';
import type { ApiContext, Services } from '../context.js';
import { RemoveProxyInput, SetProxyStateInput } from '../inputs/proxies.js';
import { presentProxyChange } from '../present/proxies.js';
import { RemoveProxyPayload, SetProxyStatePayload } from '../types/payloads/proxies.js';

@Resolver()
export class ProxyMutations {
  @Authorized('OPERATOR')
  @Mutation(() => SetProxyStatePayload, { description: 'Lets a proxy serve, stops it, or fences it.' })
  async setProxyState(
    @Arg('input', () => SetProxyStateInput, { description: 'The proxy and its new state.' })
    input: SetProxyStateInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<SetProxyStatePayload> {
    const { name, state } = input;
    return presentProxyChange(
      await setState(services.proxyChanges, name, state, caller.name),
      name,
      services,
    );
  }

  @Authorized('OPERATOR')
  @Mutation(() => RemoveProxyPayload, {
    description: 'Forced: fenced first, then removed, whether it answers or not.',
  })
  async removeProxy(
    @Arg('input', () => RemoveProxyInput, { description: 'The proxy.' }) input: RemoveProxyInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<RemoveProxyPayload> {
    const { name, ...how } = input;
    return presentProxyChange(await services.proxyChanges.remove(name, how, caller.name), name, services);
  }
}

function setState(
  proxies: Services['proxyChanges'],
  name: string,
  state: SetProxyStateInput['state'],
  actor: string,
): Promise<Proposed | null> {
  switch (state) {
    case 'ONLINE':
      return proxies.bringOnline(name, actor);
    case 'OFFLINE':
      return proxies.takeOffline(name, actor);
    case 'MARK_OFFLINE':
      return proxies.markOffline(name, actor);
    case 'FENCED':
      return proxies.fence(name, actor);
  }
}
