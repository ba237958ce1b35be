import type { HostPort } from '../common/address.js';
import { agreeOnSecretKey } from '../cluster/member.js';
import { MemberRemovedError } from '../cluster/membership/admission.js';
import type { MembershipView } from '../cluster/membership/membership-view.js';
import type { ServeConfig } from '../config/options.js';
import type { HttpServer } from '../http/server.js';
import type { ProxyAgent } from '../redis/proxy-agent/agent.js';
import type { Logger } from '../telemetry/logger.js';
import { leaderWork } from './leader-work.js';
import { memberListeners } from './listeners.js';
import { createMemberHttp } from './member-http.js';
import { buildMember, type MemberParts } from './member-parts.js';
import { Parts, part, type Part } from './parts.js';

/** One `quorate serve`: everything that runs in it. */
export class MemberProcess {
  private readonly parts: Parts;
  private member: MemberParts | undefined;
  private http: HttpServer | undefined;

  /** Rejects when it cannot go on, and has to be stopped. */
  readonly failed: Promise<never>;
  private fail: (error: Error) => void = () => undefined;

  constructor(
    private readonly config: ServeConfig,
    private readonly log: Logger,
  ) {
    this.parts = new Parts(log);
    this.failed = new Promise((_resolve, reject) => (this.fail = reject));
    this.failed.catch(() => undefined);
  }

  /** Where the API listens; after `start`. */
  get address(): HostPort {
    if (!this.http) throw new Error('Not started.');
    return this.http.address;
  }

  /** Where the embedded proxy listens; undefined without one. */
  get proxyAddress(): string | undefined {
    return this.member?.embeddedProxy?.address;
  }

  /** Rejects with what is wrong, everything that had been started stopped again. */
  async start(): Promise<void> {
    const { config, log, parts } = this;
    const listeners = memberListeners(config);
    const member = await buildMember(config, listeners, log);
    const http = await createMemberHttp(member, listeners.api, parts, log);
    [this.member, this.http] = [member, http];
    await parts.start(this.inOrder(member, http));
  }

  /** In the opposite order of the start, the coordinator last. Also ends a start that is under way. */
  async stop(): Promise<void> {
    await this.parts.stop();
  }

  private inOrder(member: MemberParts, http: HttpServer): Part[] {
    const { config, log } = this;
    const { stopping } = this.parts;
    const { coordinator, secrets, view, peers, admission, keeper, services, leader, embeddedProxy } = member;
    const { binlog } = services;
    return [
      part('coordinator', coordinator),
      { name: 'secret key', start: () => agreeOnSecretKey(coordinator, secrets, log, stopping) },
      part('view', view),
      {
        name: 'peers',
        start: () => peers.start((channel) => binlog.answerPeer(channel)),
        stop: () => peers.stop(),
      },
      // Until the cluster has let this member in, it answers what it waits for, and nothing else.
      part('http', http),
      { name: 'admission', start: () => admission.run(stopping) },
      this.removalWatch(member.membership, member.id),
      part('session', keeper),
      part('coordinator watch', services.coordinatorWatch),
      part('server monitor', services.serverMonitor),
      part('proxy monitor', services.proxyMonitor),
      part('problems', services.problems),
      part('binlog', binlog),
      part('throughput', services.throughput),
      {
        name: 'leadership',
        start: () => leader.start(leaderWork(member, config.barrierTimeoutMs, log)),
        stop: () => leader.stop(),
      },
      ...(embeddedProxy === null ? [] : [proxyPart(embeddedProxy)]),
    ];
  }

  /** A member that the cluster has taken out must not go on. */
  private removalWatch(membership: MembershipView, id: string): Part {
    let unwatch: () => void = () => undefined;
    return {
      name: 'removal watch',
      start: () => {
        unwatch = membership.onChange(() => {
          if (!membership.byId(id)) this.fail(new MemberRemovedError(this.config.name));
        });
      },
      stop: () => unwatch(),
    };
  }
}

/** The member itself answers for the proxy in its process. */
function proxyPart(proxy: ProxyAgent): Part {
  return { name: 'proxy', start: () => proxy.start(null), stop: () => proxy.stop() };
}
