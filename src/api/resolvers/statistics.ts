import { Arg, Authorized, Ctx, FieldResolver, Float, Resolver, Root } from 'type-graphql';
import { refuse } from '../../common/refused.js';
import {
  clusterStatistics,
  proxyStatistics,
  serverStatistics,
} from '../../redis/topology/request-statistics.js';
import type { WindowName } from '../../redis/traffic-report.js';
import type { ApiContext } from '../context.js';
import { presentStatistics } from '../present/statistics.js';
import { Cluster } from '../types/cluster.js';
import { LatencyBucket } from '../types/proxy-details.js';
import { Proxy } from '../types/proxy.js';
import { Server } from '../types/redis.js';
import { LatencyDistribution, Percentile, Statistics, Window } from '../types/statistics.js';

const WINDOW = { defaultValue: Window.SECONDS_10, description: 'The stretch of time.' } as const;
/** So many percentiles of one distribution are asked for at most. */
const MAX_PERCENTILES = 20;

@Resolver(() => Proxy)
export class ProxyWindowFields {
  @Authorized('VIEWER')
  @FieldResolver(() => Statistics, {
    nullable: true,
    description:
      'The answers to the requests of the proxy in the last seconds or minutes, as told by the proxy once a second; null before its ' +
      'first answer, and of a proxy of version 0.1.0.',
  })
  windowed(
    @Root() proxy: Proxy,
    @Arg('window', () => Window, WINDOW) window: WindowName,
    @Ctx() { services }: ApiContext,
  ): Statistics | null {
    return presentStatistics(proxyStatistics(services.proxyMonitor, proxy.name, window));
  }
}

@Resolver(() => Cluster)
export class ClusterWindowFields {
  @Authorized('VIEWER')
  @FieldResolver(() => Statistics, {
    nullable: true,
    description:
      'The answers to Redis requests in the last seconds or minutes, at all proxies that answer; null when none does.',
  })
  windowed(
    @Arg('window', () => Window, WINDOW) window: WindowName,
    @Ctx() { services }: ApiContext,
  ): Statistics | null {
    return presentStatistics(clusterStatistics(services.proxyMonitor, window));
  }
}

@Resolver(() => Server)
export class ServerWindowFields {
  @Authorized('VIEWER')
  @FieldResolver(() => Statistics, {
    nullable: true,
    description:
      'The answers of the server in the last ten seconds, as the proxies see it; failures to reach it are among the errors. Null when ' +
      'no proxy that answers has asked it anything.',
  })
  statistics(@Root() server: Server, @Ctx() { services }: ApiContext): Statistics | null {
    return presentStatistics(serverStatistics(services.proxyMonitor, server.address));
  }
}

@Resolver(() => LatencyDistribution)
export class LatencyDistributionFields {
  @FieldResolver(() => [Percentile], {
    description: 'Times that given shares of the requests did not exceed.',
  })
  percentiles(
    @Root() { histogram, samples }: LatencyDistribution,
    @Arg('of', () => [Float], { defaultValue: [50, 99, 99.9], description: 'The shares, in percent.' })
    shares: number[],
  ): Percentile[] {
    if (shares.length > MAX_PERCENTILES || shares.some((share) => share < 0 || share > 100)) {
      refuse('INVALID_INPUT', 'of', `Percentiles are at most ${MAX_PERCENTILES} numbers from 0 to 100.`);
    }
    return shares.map((of) => ({ of, valueMs: samples === 0 ? null : histogram.percentile(of / 100) }));
  }

  @FieldResolver(() => [LatencyBucket], { description: 'All of them, the shortest first.' })
  buckets(@Root() { histogram }: LatencyDistribution): LatencyBucket[] {
    return histogram.read();
  }
}
