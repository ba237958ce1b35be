import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage, QuorateError } from '../common/errors.js';
import { SecretBox, SecretKeyError } from '../common/secret-box.js';
import type { ProxyConfig, ServeConfig } from '../config/options.js';
import {
  EmbeddedCoordinator,
  EtcdCoordinator,
  type Coordinator,
  type EtcdTlsOptions,
} from '../coordinator/index.js';
import { TokenStore } from '../http/tokens.js';
import type { Logger } from '../telemetry/logger.js';
import { DEFAULT_LIMITS, type ProxyLimits } from '../redis/proxy/options.js';

/** What both kinds of process are given. */
type AnyConfig = ServeConfig | ProxyConfig;

/** The coordinator that the configuration names. */
export function createCoordinator(config: AnyConfig): Coordinator {
  if (config.etcd.length === 0)
    return new EmbeddedCoordinator({ directory: join(config.dataDir, 'coordinator') });
  const tls: EtcdTlsOptions = {
    ...(config.etcdCa !== undefined && { ca: readSetting('--etcd-ca', config.etcdCa) }),
    ...(config.etcdCert !== undefined && { cert: readSetting('--etcd-cert', config.etcdCert) }),
    ...(config.etcdKey !== undefined && { key: readSetting('--etcd-key', config.etcdKey) }),
  };
  return new EtcdCoordinator({
    endpoints: config.etcd,
    root: `/quorate/${config.cluster}/`,
    ...(config.etcdUsername !== undefined && { username: config.etcdUsername }),
    ...(config.etcdPassword !== undefined && { password: config.etcdPassword }),
    ...(Object.keys(tls).length > 0 && { tls }),
  });
}

/**
 * The cluster's secret key. A member makes one when it has none; a proxy never does, because a key of its
 * own would open nothing.
 */
export function loadSecrets(config: AnyConfig, createIfMissing: boolean): SecretBox {
  const file = config.secretKey ?? join(config.dataDir, 'secret.key');
  if (!existsSync(file)) {
    if (!createIfMissing || config.secretKey !== undefined) {
      throw new SecretKeyError(
        `The secret key file ${file} does not exist. Copy that of a member (DATA-DIR/secret.key) and name it with ` +
          '--secret-key.',
      );
    }
    makeDirectory(config.dataDir);
    requireUnused(config.dataDir, file);
    createKeyFile(file);
  }
  return new SecretBox(Buffer.from(readSetting('--secret-key', file).toString().trim(), 'base64'));
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new QuorateError(
      'CONFIG',
      `The data directory ${directory} cannot be made: ${errorMessage(error)}. Name another one with --data-dir.`,
      { cause: error },
    );
  }
}

/** Where a member has run before, a new key would open nothing of what is stored. */
function requireUnused(directory: string, file: string): void {
  if (!existsSync(join(directory, 'member.json'))) return;
  throw new SecretKeyError(
    `The secret key file ${file} is gone, and a member has run in ${directory} before: a new key would open no stored ` +
      'password. Copy the file of another member (DATA-DIR/secret.key), or restore it.',
  );
}

/**
 * Synced before it is used: a key that a crash takes away again would leave sealed passwords that nothing
 * opens. Another process of the same directory may be first; then its key is the one.
 */
function createKeyFile(file: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw new QuorateError('CONFIG', `Cannot make the secret key file ${file}: ${errorMessage(error)}`, {
      cause: error,
    });
  }
  writeSync(descriptor, `${SecretBox.generateKey().toString('base64')}\n`);
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** The tokens that are accepted; null when none are configured. */
export function createTokens({ tokens }: Pick<AnyConfig, 'tokens'>, log: Logger): TokenStore | null {
  if (tokens === undefined) return null;
  return new TokenStore(tokens, (error) => {
    log.error({ reason: error.message }, 'The tokens that were known before stay in force');
  });
}

export function proxyPassword(config: Pick<AnyConfig, 'passwordFile'>): string | null {
  if (config.passwordFile === undefined) return null;
  const password = readSetting('--password-file', config.passwordFile)
    .toString()
    .replace(/\r?\n$/, '');
  if (password !== '') return password;
  throw new QuorateError('CONFIG', `The password file ${config.passwordFile} is empty.`);
}

export function proxyLimits(config: AnyConfig): ProxyLimits {
  return Object.freeze({
    ...DEFAULT_LIMITS,
    maxClients: config.maxClients,
    requestTimeoutMs: config.requestTimeoutMs,
    holdTimeoutMs: config.holdTimeoutMs,
    maxPipeline: config.maxPipeline,
    maxRequestBytes: config.maxRequestBytes,
    maxArguments: config.maxArguments,
    maxReplyBytes: config.maxReplyBytes,
    maxOutputBufferBytes: config.maxOutputBytes,
    maxReplicaLagBytes: config.maxReplicaLagBytes,
    maxReplicaLinkDownMs: config.maxReplicaLinkDownMs,
    slowLogThresholdMs: config.slowLogThresholdMs,
    slowLogLength: config.slowLogLength,
  });
}

export function readSetting(flag: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new QuorateError('CONFIG', `Cannot read ${file} (${flag}): ${errorMessage(cause)}`, { cause });
  }
}
