import type { HostPort } from '../../common/address.js';
import type { SecretBox } from '../../common/secret-box.js';
import type { Coordinator } from '../../coordinator/types.js';
import type { Logger } from '../../telemetry/logger.js';
import type { ProxyLimits } from '../proxy/options.js';

export interface ProxyAgentOptions {
  readonly coordinator: Coordinator;
  readonly secrets: SecretBox;
  readonly name: string;
  readonly listen: HostPort;
  readonly dataCenter: string | null;
  /** What Redis clients must give; null for none. */
  readonly password: string | null;
  readonly limits: ProxyLimits;
  /** Processes that serve clients; 1: this one, otherwise so many others. */
  readonly workers: number;
  readonly sessionTtlMs: number;
  readonly log: Logger;
}
