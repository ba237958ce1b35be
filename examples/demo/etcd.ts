import { join } from 'node:path';
import { mustFind } from './needs.js';
import type { Ports } from './ports.js';
import type { Programs } from './programs.js';
import { until } from './wait.js';

const COUNT = 3;

/** Three of them, on ports of their own. */
export class Etcd {
  readonly names = Array.from({ length: COUNT }, (_, at) => `etcd${at + 1}`);
  readonly endpoints: string[] = [];

  async start(programs: Programs, ports: Ports, folder: string, signal: AbortSignal): Promise<void> {
    const peers: string[] = [];
    for (let n = 0; n < COUNT; n++) {
      this.endpoints.push(`http://127.0.0.1:${await ports.free()}`);
      peers.push(`http://127.0.0.1:${await ports.free()}`);
    }
    const cluster = this.names.map((name, at) => `${name}=${peers[at]}`).join(',');
    this.names.forEach((name, at) => {
      const [client, peer] = [this.endpoints[at]!, peers[at]!];
      const args = [
        ...['--name', name, '--data-dir', join(folder, name), '--unsafe-no-fsync'],
        ...['--initial-cluster', cluster, '--initial-cluster-state', 'new'],
        ...['--listen-client-urls', client, '--advertise-client-urls', client],
        ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
        ...['--auto-compaction-retention', '1h', '--logger', 'zap'],
      ];
      programs.start({ name, command: mustFind('etcd'), args });
    });
    for (const endpoint of this.endpoints)
      await until(`etcd at ${endpoint} is healthy`, () => isHealthy(endpoint), signal);
  }
}

async function isHealthy(endpoint: string): Promise<boolean> {
  const answer = await fetch(`${endpoint}/health`, { signal: AbortSignal.timeout(2_000) });
  return (await answer.text()).includes('"health":"true"');
}
