import type { Redis } from 'ioredis';
import { formatAddress } from '../../common/address.js';
import { refuse, RefusedError } from '../../common/refused.js';
import { withoutSecret } from '../../common/without-secret.js';
import { errorMessage } from '../../common/errors.js';
import { createClient, explainServerError, parseInfo, parseKeyspace } from '../server-client.js';
import type { Endpoint } from '../routing-table.js';

/** What a server says of itself before it is taken into a group. */
export interface ProbedServer {
  readonly address: string;
  readonly version: string;
  readonly runId: string;
  readonly role: 'master' | 'slave';
  /** `host:port` of the master that a replica follows. */
  readonly masterAddress: string | null;
  readonly masterLinkUp: boolean;
  /** The replication id of the server: the history of changes that it has. */
  readonly history: string;
  readonly keys: number;
}

const PROBE = { connectionName: 'quorate-probe', connectTimeoutMs: 2_000, commandTimeoutMs: 3_000 };

/**
 * Connects and asks. Refuses with the field that is to blame: a server that does not answer, a
 * password that is wrong, missing or superfluous, cluster mode, a version older than 6.2.
 *
 * @param field that names the address
 */
export async function probeServer(endpoint: Endpoint, field = 'address'): Promise<ProbedServer> {
  // Logs in by hand: the client by itself takes a superfluous password for no more than a warning.
  const client = createClient({ ...endpoint, password: null }, PROBE);
  let failure: unknown;
  client.on('error', (error) => (failure = error));
  try {
    await client.connect();
    if (endpoint.password !== null) await client.auth(endpoint.password);
    return readProbe(endpoint, parseInfo(await client.info()), field);
  } catch (error) {
    return refuseLogin(endpoint, failure ?? error, field);
  } finally {
    client.disconnect();
  }
}

function readProbe(endpoint: Endpoint, info: ReadonlyMap<string, string>, field: string): ProbedServer {
  const unfit = unfitness(info);
  if (unfit !== null) refuse('UNSUPPORTED', field, `${endpoint.address} ${unfit}.`);
  const version = info.get('redis_version') ?? 'unknown';
  const replica = info.get('role') === 'slave';
  return {
    address: endpoint.address,
    version,
    runId: info.get('run_id') ?? '',
    role: replica ? 'slave' : 'master',
    masterAddress: replica ? masterAddressOf(info) : null,
    masterLinkUp: info.get('master_link_status') === 'up',
    history: info.get('master_replid') ?? '',
    keys: [...parseKeyspace(info).values()].reduce((sum, keys) => sum + keys, 0),
  };
}

/** Why whatever answered INFO cannot be a server of a group, as the end of a sentence; null when it can. */
export function unfitness(info: ReadonlyMap<string, string>): string | null {
  if (info.get('cluster_enabled') === '1') return 'runs in cluster mode; slots are ours to spread here';
  if (info.has('proxy_incarnation')) {
    return `is Quorate's own proxy ${info.get('proxy_name')}, not a server that holds data: its requests would come back to it`;
  }
  if (info.get('redis_mode') === 'sentinel') return 'is a Sentinel, not a server that holds data';
  const version = info.get('redis_version') ?? 'unknown';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < 6 || (major === 6 && minor < 2)
    ? `is version ${version}; 6.2 is the oldest that works`
    : null;
}

/** `host:port` of the master that a replica says it follows. */
export function masterAddressOf(info: ReadonlyMap<string, string>): string {
  return formatAddress({ host: info.get('master_host') ?? '', port: Number(info.get('master_port')) });
}

function refuseLogin(endpoint: Endpoint, error: unknown, field: string): never {
  if (error instanceof Error && 'refusals' in error) throw error;
  const message = errorMessage(error);
  if (/WRONGPASS|invalid password|NOAUTH|no password is set|without any password/i.test(message)) {
    const why =
      endpoint.password === null
        ? 'asks for a password and none was given'
        : /no password is set|without any password/i.test(message)
          ? 'has no password set, but one was given'
          : 'does not accept this password';
    refuse('INVALID_INPUT', 'password', `${endpoint.address} ${why}.`, { cause: error });
  }
  const reason = explainServerError(error);
  return refuse('UNREACHABLE', field, `${endpoint.address} cannot be used: ${reason}.`, {
    cause: error,
  });
}

/** Makes a server a replica and waits until its link is up and its data are there. */
export async function replicateFrom(server: Endpoint, master: Endpoint, signal: AbortSignal): Promise<void> {
  const client = createClient(server, PROBE);
  try {
    await client.connect();
    if (master.password !== null) await client.config('SET', 'masterauth', master.password);
    const colon = master.address.lastIndexOf(':');
    const host = master.address.slice(0, colon).replace(/^\[|\]$/g, '');
    await client.replicaof(host, Number(master.address.slice(colon + 1)));
    await waitForLink(client, server.address, master.address, signal);
    await keepRole(client);
  } catch (error) {
    if (error instanceof RefusedError) throw error;
    const reason = withoutSecret(errorMessage(error), master.password);
    refuse('UNREACHABLE', 'address', `${server.address} did not become a replica: ${reason}.`);
  } finally {
    client.disconnect();
  }
}

/**
 * Started again, a server is what its configuration file says. One that has none, or does not let it be rewritten, comes
 * back as a master of its own, and the monitor says so.
 */
async function keepRole(client: Redis): Promise<void> {
  await client.config('REWRITE').catch(() => undefined);
}

/** Redis announces the link on no channel: its state has to be asked for. */
const LINK_POLL_MS = 100;

async function waitForLink(
  client: Redis,
  address: string,
  master: string,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const info = parseInfo(await client.info('replication'));
    if (info.get('master_link_status') === 'up' && info.get('master_sync_in_progress') !== '1') return;
    if (signal.aborted) {
      await client.replicaof('NO', 'ONE');
      refuse(
        'TIMEOUT',
        'address',
        `${address} did not get its link to ${master} up in time; it was made a master again. Its log says why.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, LINK_POLL_MS));
  }
}
