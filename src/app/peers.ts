import { parseAddress, type HostPort } from '../common/address.js';
import { QuorateError } from '../common/errors.js';
import type { SecretBox } from '../common/secret-box.js';
import { formatPeerUrl, parsePeerUrl } from '../cluster/membership/urls.js';
import type { MembershipView } from '../cluster/membership/membership-view.js';
import { collections } from '../cluster/records.js';
import type { ServeConfig } from '../config/options.js';
import type { PeerChannel, PeerHandler, PeerNetwork } from '../binlog/replication/peer/channel.js';
import { TcpPeers, type PeerTls } from '../binlog/replication/peer/tcp-peers.js';
import type { Logger } from '../telemetry/logger.js';
import { readSetting } from './wiring.js';

export interface PeersOptions {
  readonly config: ServeConfig;
  readonly secrets: SecretBox;
  readonly membership: MembershipView;
  /** This member's. */
  readonly id: string;
  readonly log: Logger;
}

/** The way to the other members; with the embedded coordinator there are none. */
export class Peers implements PeerNetwork {
  private readonly tcp: TcpPeers | null;

  constructor(private readonly options: PeersOptions) {
    const { config, secrets, membership, id, log } = options;
    this.tcp =
      config.etcd.length === 0
        ? null
        : new TcpPeers({
            listen: parseAddress(config.peerListen, { allowPortZero: true })!,
            identity: { cluster: config.cluster, member: config.name, id },
            key: secrets.derive('peers'),
            tls: peerTls(config),
            addressesOf: (member) => addressesOf(membership, member),
            log,
          });
  }

  /** After `start`. */
  get urls(): string[] {
    if (!this.tcp) return [];
    const { peerAdvertise } = this.options.config;
    return [peerAdvertise === undefined ? formatPeerUrl(this.tcp.address) : `tcp://${peerAdvertise}`];
  }

  async start(onChannel: PeerHandler): Promise<void> {
    await this.tcp?.start(onChannel);
  }

  async stop(): Promise<void> {
    await this.tcp?.stop();
  }

  connect(member: string, signal: AbortSignal): Promise<PeerChannel> {
    if (this.tcp) return this.tcp.connect(member, signal);
    throw new QuorateError('PEER_UNREACHABLE', 'With the embedded coordinator there is one member only.');
  }
}

/** Where it was said to be, and where it says itself that it is. */
function addressesOf(membership: MembershipView, name: string): HostPort[] {
  const named = membership.byName(name)?.peerUrls ?? [];
  const running = membership.view.get(collections.members, name)?.value.peerUrls ?? [];
  return [...new Set([...named, ...running])].flatMap((url) => parsePeerUrl(url) ?? []);
}

function peerTls({ peerTlsCert: cert, peerTlsKey: key, peerTlsCa: ca }: ServeConfig): PeerTls | null {
  if (cert === undefined && key === undefined && ca === undefined) return null;
  if (cert === undefined || key === undefined)
    throw new QuorateError('CONFIG', '--peer-tls-cert and --peer-tls-key are needed both.');
  return {
    cert: readSetting('--peer-tls-cert', cert).toString(),
    key: readSetting('--peer-tls-key', key).toString(),
    ca: ca === undefined ? null : readSetting('--peer-tls-ca', ca).toString(),
  };
}
