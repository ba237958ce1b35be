import { Arg, Authorized, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Proposed } from '../../cluster/proposals.js';
import { requireRole } from '../auth.js';
import type { ApiContext, Services } from '../context.js';
import {
  RemoveProxyInput,
  removeProxySchema,
  SetProxyStateInput,
  setProxyStateSchema,
} from '../inputs/redis.js';
import { validate } from '../inputs/validate.js';
import { presentProxy } from '../present.js';
import { runMutation } from '../types/payload.js';
import { ProxyPayload } from '../types/payloads.js';

@Resolver()
export class ProxyMutations {
  @Authorized('OPERATOR')
  @Mutation(() => ProxyPayload, { description: 'Lets a proxy serve, stops it, or fences it.' })
  setProxyState(
    @Arg('input', () => SetProxyStateInput, { description: 'Which, and what.' }) input: SetProxyStateInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<ProxyPayload> {
    if (input.state === 'FENCED') requireRole(caller, 'ADMIN');
    return change(services, input.name, () => {
      const { name, state } = validate(setProxyStateSchema, input);
      switch (state) {
        case 'ONLINE':
          return services.proxies.bringOnline(name, caller.name);
        case 'OFFLINE':
          return services.proxies.takeOffline(name, caller.name);
        case 'FENCED':
          return services.proxies.fence(name, caller.name);
      }
    });
  }

  @Authorized('OPERATOR')
  @Mutation(() => ProxyPayload, {
    description: 'Forced: fenced first, then removed, whether it answers or not.',
  })
  removeProxy(
    @Arg('input', () => RemoveProxyInput, { description: 'Which.' }) input: RemoveProxyInput,
    @Ctx() { services, caller }: ApiContext,
  ): Promise<ProxyPayload> {
    if (input.force) requireRole(caller, 'ADMIN');
    return change(services, input.name, () => {
      const { name, ...how } = validate(removeProxySchema, input);
      return services.proxies.remove(name, how, caller.name);
    });
  }
}

function change(
  services: Services,
  name: string,
  work: () => Promise<Proposed | null>,
): Promise<ProxyPayload> {
  return runMutation(
    async () => work(),
    () => {
      const proxy = services.topology.proxy(name);
      return { proxy: proxy ? presentProxy(proxy, services) : null };
    },
  );
}
