/* eslint-disable max-lines -- One list: every setting with its bounds and its help, as docs/settings.md shows them. */
import { hostname } from 'node:os';
import { z } from 'zod';
import { parseAddress } from '../common/address.js';
import { BLOCKED_PORT, isBlockedPort } from '../common/blocked-ports.js';
import { LOG_LEVELS } from '../common/log-levels.js';

/** One setting: where it may come from and what it must look like. docs/settings.md is made of these. */
export interface OptionSpec<S extends z.ZodType = z.ZodType> {
  /** Long flag with its placeholder; absent for secrets, which a process list would show. */
  readonly flag?: string;
  readonly env: string;
  readonly description: string;
  readonly schema: S;
  readonly secret?: boolean;
  /** In words, where the default depends on the machine. */
  readonly defaultText?: string;
}

function option<S extends z.ZodType>(spec: OptionSpec<S>): OptionSpec<S> {
  return spec;
}

const address = z.string().refine((text) => parseAddress(text, { allowPortZero: true }) !== undefined, {
  error: 'expected HOST:PORT',
});

/** The address of an API, which browsers and other members connect to. */
const apiAddress = address.refine(
  (text) => !isBlockedPort(parseAddress(text, { allowPortZero: true })?.port ?? 0),
  { error: BLOCKED_PORT },
);

const identifier = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
    'expected letters, digits, dots, dashes and underscores, at most 63',
  );

const endpoints = z.preprocess(
  (value) =>
    typeof value === 'string'
      ? value
          .split(',')
          .map((part) => part.trim())
          .filter((part) => part !== '')
      : value,
  z.array(
    z
      .string()
      .regex(
        /^(https?:\/\/)?[^/\s@]+:\d+\/?$/,
        'expected HOST:PORT or http(s)://HOST:PORT, user and password apart',
      ),
  ),
);

/** From a flag or the environment it comes as text; other texts and values than decimal numbers are mistakes. */
function wholeNumber(min: number, max: number) {
  const expected = { error: `expected a whole number from ${min} to ${max}` };
  const toNumber = (value: unknown): unknown =>
    typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return z.preprocess(toNumber, z.number(expected).int(expected).min(min, expected).max(max, expected));
}

/** What `serve` and `proxy` share. */
export const commonOptions = {
  cluster: option({
    flag: '--cluster <name>',
    env: 'QUORATE_CLUSTER',
    description: 'the cluster this process belongs to',
    schema: identifier.default('default'),
  }),
  name: option({
    flag: '--name <name>',
    env: 'QUORATE_NAME',
    description: 'the name of this process, unique in its cluster',
    defaultText: 'the host name',
    schema: identifier.default(hostname().replace(/[^A-Za-z0-9._-]/g, '-') || 'localhost'),
  }),
  dataDir: option({
    flag: '--data-dir <dir>',
    env: 'QUORATE_DATA_DIR',
    description: 'where this process keeps its files',
    schema: z.string().min(1).default('./data'),
  }),
  etcd: option({
    flag: '--etcd <endpoints>',
    env: 'QUORATE_ETCD',
    description: 'comma list of etcd endpoints; none: the embedded coordinator',
    schema: endpoints.default([]),
  }),
  etcdUsername: option({
    flag: '--etcd-username <user>',
    env: 'QUORATE_ETCD_USERNAME',
    description: 'user to log in to etcd as',
    schema: z.string().min(1).optional(),
  }),
  etcdPassword: option({
    env: 'QUORATE_ETCD_PASSWORD',
    description: 'password of the etcd user',
    schema: z.string().optional(),
    secret: true,
  }),
  etcdCa: option({
    flag: '--etcd-ca <file>',
    env: 'QUORATE_ETCD_CA',
    description: 'PEM file of the authority that signed the certificates of etcd',
    schema: z.string().min(1).optional(),
  }),
  etcdCert: option({
    flag: '--etcd-cert <file>',
    env: 'QUORATE_ETCD_CERT',
    description: 'PEM file of the client certificate for etcd',
    schema: z.string().min(1).optional(),
  }),
  etcdKey: option({
    flag: '--etcd-key <file>',
    env: 'QUORATE_ETCD_KEY',
    description: 'PEM file of the private key of the client certificate for etcd',
    schema: z.string().min(1).optional(),
  }),
  secretKey: option({
    flag: '--secret-key <file>',
    env: 'QUORATE_SECRET_KEY',
    description: 'file with the key of the cluster; none: DATA-DIR/secret.key, made by serve on first start',
    schema: z.string().min(1).optional(),
  }),
  sessionTtlMs: option({
    flag: '--session-ttl <ms>',
    env: 'QUORATE_SESSION_TTL',
    description: 'how long the coordinator waits for a silent process before it counts as gone',
    schema: wholeNumber(1_000, 60_000).default(5_000),
  }),
  logLevel: option({
    flag: '--log-level <level>',
    env: 'QUORATE_LOG_LEVEL',
    description: 'trace, debug, info, warn, error, fatal or silent',
    schema: z.enum(LOG_LEVELS).default('info'),
  }),
};

/** What the Redis data plane takes, in `quorate proxy` and in `quorate serve --proxy-listen`. */
export const proxyOptions = {
  passwordFile: option({
    flag: '--password-file <file>',
    env: 'QUORATE_PROXY_PASSWORD_FILE',
    description: 'file with the password that Redis clients must give; none: no password, loopback only',
    schema: z.string().min(1).optional(),
  }),
  maxClients: option({
    flag: '--max-clients <n>',
    env: 'QUORATE_PROXY_MAX_CLIENTS',
    description: 'Redis clients at a time',
    schema: wholeNumber(1, 1_000_000).default(10_000),
  }),
  requestTimeoutMs: option({
    flag: '--request-timeout <ms>',
    env: 'QUORATE_PROXY_REQUEST_TIMEOUT',
    description: 'how long a Redis server may take to answer',
    schema: wholeNumber(10, 3_600_000).default(10_000),
  }),
  maxPipeline: option({
    flag: '--max-pipeline <n>',
    env: 'QUORATE_PROXY_MAX_PIPELINE',
    description:
      'requests of one client under way; a client that sends more is not read until some are answered',
    schema: wholeNumber(1, 1_000_000).default(8_192),
  }),
  maxRequestBytes: option({
    flag: '--max-request-bytes <n>',
    env: 'QUORATE_PROXY_MAX_REQUEST_BYTES',
    description: 'the longest argument of a request; a request may have twice as many bytes',
    schema: wholeNumber(1_024, 2 ** 30).default(2 ** 29),
  }),
  maxArguments: option({
    flag: '--max-arguments <n>',
    env: 'QUORATE_PROXY_MAX_ARGUMENTS',
    description: 'the most arguments of a request',
    schema: wholeNumber(16, 2 ** 20).default(2 ** 20),
  }),
  maxReplyBytes: option({
    flag: '--max-reply-bytes <n>',
    env: 'QUORATE_PROXY_MAX_REPLY_BYTES',
    description: 'the longest reply taken from a Redis server',
    schema: wholeNumber(65_536, 2 ** 31).default(2 ** 30),
  }),
  maxOutputBytes: option({
    flag: '--max-output-bytes <n>',
    env: 'QUORATE_PROXY_MAX_OUTPUT_BYTES',
    description: 'a client that leaves more of its replies unread is disconnected',
    schema: wholeNumber(2 ** 20, 2 ** 32).default(2 ** 28),
  }),
  maxReplicaLagBytes: option({
    flag: '--max-replica-lag <bytes>',
    env: 'QUORATE_PROXY_MAX_REPLICA_LAG',
    description: "a replica that lacks more of its master's stream is not read from",
    schema: wholeNumber(0, 2 ** 40).default(2 ** 20),
  }),
  maxReplicaLinkDownMs: option({
    flag: '--max-replica-link-down <ms>',
    env: 'QUORATE_PROXY_MAX_REPLICA_LINK_DOWN',
    description: 'a replica whose link to its master is down for longer is not read from',
    schema: wholeNumber(0, 3_600_000).default(1_000),
  }),
  slowLogThresholdMs: option({
    flag: '--slow-log-threshold <ms>',
    env: 'QUORATE_PROXY_SLOW_LOG_THRESHOLD',
    description: 'requests that take at least this long are noted in the slow log',
    schema: wholeNumber(0, 3_600_000).default(10),
  }),
  slowLogLength: option({
    flag: '--slow-log-length <n>',
    env: 'QUORATE_PROXY_SLOW_LOG_LENGTH',
    description: 'how many slow requests are kept; 0: none',
    schema: wholeNumber(0, 10_000).default(128),
  }),
  // Long enough for a leader that was lost while slots are held to be succeeded: its session, an election, and
  // the barrier of the one that follows.
  holdTimeoutMs: option({
    flag: '--hold-timeout <ms>',
    env: 'QUORATE_PROXY_HOLD_TIMEOUT',
    description: 'how long a request waits at most while its slot changes hands',
    schema: wholeNumber(10, 3_600_000).default(15_000),
  }),
  dataCenter: option({
    flag: '--data-center <name>',
    env: 'QUORATE_DATA_CENTER',
    description: 'where this proxy stands, for show',
    schema: identifier.optional(),
  }),
};

export const serveOptions = {
  ...commonOptions,
  listen: option({
    flag: '--listen <address>',
    env: 'QUORATE_LISTEN',
    description: 'HOST:PORT of the API, the dashboard and the playground',
    schema: apiAddress.default('127.0.0.1:4000'),
  }),
  advertise: option({
    flag: '--advertise <url>',
    env: 'QUORATE_ADVERTISE',
    description: 'URL at which the other members reach the API; none: from --listen',
    schema: z
      .url({ protocol: /^https?$/, error: 'expected http://HOST:PORT' })
      .refine((url) => !url.includes('@'), { error: 'expected no user or password' })
      .refine((url) => !isBlockedPort(Number(new URL(url).port)), { error: BLOCKED_PORT })
      .optional(),
  }),
  peerListen: option({
    flag: '--peer-listen <address>',
    env: 'QUORATE_PEER_LISTEN',
    description: 'HOST:PORT for the replication of the journal between members',
    schema: address.default('127.0.0.1:4100'),
  }),
  peerAdvertise: option({
    flag: '--peer-advertise <address>',
    env: 'QUORATE_PEER_ADVERTISE',
    description: 'HOST:PORT at which the other members reach the peer listener; none: from --peer-listen',
    schema: z
      .string()
      .refine((text) => parseAddress(text) !== undefined, { error: 'expected HOST:PORT' })
      .optional(),
  }),
  peerTlsCert: option({
    flag: '--peer-tls-cert <file>',
    env: 'QUORATE_PEER_TLS_CERT',
    description: 'PEM file of the certificate for the replication between members; none: no TLS there',
    schema: z.string().min(1).optional(),
  }),
  peerTlsKey: option({
    flag: '--peer-tls-key <file>',
    env: 'QUORATE_PEER_TLS_KEY',
    description: 'PEM file of the private key of the certificate for the replication between members',
    schema: z.string().min(1).optional(),
  }),
  peerTlsCa: option({
    flag: '--peer-tls-ca <file>',
    env: 'QUORATE_PEER_TLS_CA',
    description: 'PEM file of the authority that must have signed the certificates of the other members',
    schema: z.string().min(1).optional(),
  }),
  join: option({
    flag: '--join',
    env: 'QUORATE_JOIN',
    description: 'become a member of a cluster that has not named this one',
    schema: z
      .preprocess((value) => (value === 'true' || value === 'false' ? value === 'true' : value), z.boolean())
      .default(false),
  }),
  proxyListen: option({
    flag: '--proxy-listen <address>',
    env: 'QUORATE_PROXY_LISTEN',
    description: 'HOST:PORT at which this process is also a Redis proxy; none: it is not',
    schema: address.optional(),
  }),
  tokens: option({
    flag: '--tokens <file>',
    env: 'QUORATE_TOKENS',
    description: 'file of bearer tokens; none: everybody on this machine is ADMIN, and nobody else gets in',
    schema: z.string().min(1).optional(),
  }),
  barrierTimeoutMs: option({
    flag: '--barrier-timeout <ms>',
    env: 'QUORATE_BARRIER_TIMEOUT',
    description: 'how long a topology change waits for all proxies before it is rolled back',
    schema: wholeNumber(100, 600_000).default(4_000),
  }),
  journalSegmentBytes: option({
    flag: '--journal-segment-size <bytes>',
    env: 'QUORATE_JOURNAL_SEGMENT_SIZE',
    description: 'a file of the journal that has this size is followed by the next one',
    schema: wholeNumber(4_096, 2 ** 40).default(2 ** 30),
  }),
  journalCatchUpRate: option({
    flag: '--journal-catch-up-rate <bytes>',
    env: 'QUORATE_JOURNAL_CATCH_UP_RATE',
    description: 'bytes per second for a member far behind, while commits do not wait for it',
    schema: wholeNumber(1, 2 ** 53 - 1).default(64 * 2 ** 20),
  }),
  journalKeepBytes: option({
    flag: '--journal-keep-bytes <bytes>',
    env: 'QUORATE_JOURNAL_KEEP_BYTES',
    description: 'older files of the journal go once so much is behind them; none: they stay',
    schema: wholeNumber(0, 2 ** 53 - 1).optional(),
  }),
  journalKeepHours: option({
    flag: '--journal-keep-hours <hours>',
    env: 'QUORATE_JOURNAL_KEEP_HOURS',
    description: 'files of the journal whose transactions are all older go; none: they stay',
    schema: wholeNumber(1, 1_000_000).optional(),
  }),
  ...proxyOptions,
};

export const proxyCommandOptions = {
  ...commonOptions,
  listen: option({
    flag: '--listen <address>',
    env: 'QUORATE_PROXY_LISTEN',
    description: 'HOST:PORT for Redis clients',
    schema: address.default('127.0.0.1:19000'),
  }),
  adminListen: option({
    flag: '--admin-listen <address>',
    env: 'QUORATE_PROXY_ADMIN_LISTEN',
    description: 'HOST:PORT at which members ask this proxy for its statistics',
    schema: address.default('127.0.0.1:0'),
  }),
  tokens: option({
    flag: '--tokens <file>',
    env: 'QUORATE_TOKENS',
    description:
      'file of bearer tokens for the metrics at --admin-listen; none: they are open on loopback, closed elsewhere',
    schema: z.string().min(1).optional(),
  }),
  workers: option({
    flag: '--workers <n>',
    env: 'QUORATE_PROXY_WORKERS',
    description: 'processes that serve Redis clients, on one port under one name',
    schema: wholeNumber(1, 64).default(1),
  }),
  ...proxyOptions,
};

export type OptionTable = Readonly<Record<string, OptionSpec>>;
export type ConfigOf<T extends OptionTable> = Readonly<{ [K in keyof T]: z.output<T[K]['schema']> }>;
export type ServeConfig = ConfigOf<typeof serveOptions>;
export type ProxyConfig = ConfigOf<typeof proxyCommandOptions>;
