import { Authorized, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { ApiContext } from '../context.js';
import { presentProxyStatistics } from '../present/proxies.js';
import { ProxyStatistics } from '../types/proxy-details.js';
import { Proxy } from '../types/proxy.js';

@Resolver(() => Proxy)
export class ProxyStatisticsFields {
  @Authorized('VIEWER')
  @FieldResolver(() => ProxyStatistics, {
    nullable: true,
    description: 'Asked of the proxy itself; null while it does not answer.',
  })
  async statistics(@Root() proxy: Proxy, @Ctx() { services }: ApiContext): Promise<ProxyStatistics | null> {
    const registered = services.topology.proxy(proxy.name);
    if (!registered) return null;
    const details = await services.askProxyDetails(registered.record.value).catch(() => null);
    return details && presentProxyStatistics(details);
  }
}
