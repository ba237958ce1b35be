import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { delay } from '../common/async.js';
import { errorMessage, QuorateError } from '../common/errors.js';
import { SecretKeyError, type SecretBox } from '../common/secret-box.js';
import { FEATURE_LEVEL, VERSION } from '../common/version.js';
import { throughOutages } from '../coordinator/patience.js';
import type { Coordinator, Session } from '../coordinator/types.js';
import type { Logger } from '../telemetry/logger.js';
import { actionWrite, type ActionDraft } from './action-write.js';
import { collections, type MemberRecord } from './records.js';

/** Another running process holds the name that this one was given. */
export class NameInUseError extends QuorateError {
  constructor(what: string, name: string, where: string) {
    super(
      'NAME_IN_USE',
      `A ${what} named "${name}" is running already (${where}). Give this one another --name, or stop that one.`,
    );
  }
}

/** This process as a member, but for where it is reached. */
export function describeThisProcess(name: string): Omit<MemberRecord, 'adminUrls' | 'peerUrls'> {
  return {
    name,
    incarnation: randomUUID(),
    version: VERSION,
    featureLevel: FEATURE_LEVEL,
    pid: process.pid,
    hostName: hostname(),
    startedAt: new Date().toISOString(),
  };
}

/**
 * Registers a member under its session. A record of the same name from a process that is gone vanishes with
 * its session; that is waited for, at most two TTLs.
 */
export async function registerMember(
  coordinator: Coordinator,
  record: MemberRecord,
  session: Session,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const key = collections.members.key(record.name);
  const deadline = performance.now() + 2 * session.ttlMs + 1_000;
  for (;;) {
    const existing = await coordinator.get(key, { signal });
    const other = existing && collections.members.decode(key, existing.value);
    if (other && other.incarnation !== record.incarnation) {
      if (performance.now() > deadline) {
        throw new NameInUseError('member', record.name, `${other.hostName}, process ${other.pid}`);
      }
      log.info(
        { name: record.name, pid: other.pid },
        'Waiting for the previous process of this name to be gone',
      );
      await delay(Math.min(500, session.ttlMs / 4), signal);
      continue;
    }
    const rejoined = await writeMember(coordinator, record, session, existing?.modRevision ?? 0n);
    if (rejoined) return;
  }
}

async function writeMember(
  coordinator: Coordinator,
  record: MemberRecord,
  session: Session,
  expected: bigint,
): Promise<boolean> {
  const action: ActionDraft = {
    type: 'MEMBER_ADDED',
    description: `Member ${record.name} is running at ${record.adminUrls.join(', ')}`,
    actor: record.name,
    target: `member/${record.name}`,
  };
  const result = await coordinator.commit({
    conditions: [{ key: collections.members.key(record.name), modRevision: expected }],
    operations: [
      { put: collections.members.key(record.name), value: collections.members.encode(record), session },
      actionWrite(randomUUID(), action, record.name),
    ],
  });
  return result.committed;
}

/**
 * Makes sure that all processes of the cluster were given the same secret key: the first one leaves the
 * key's fingerprint, the others compare. Waits through outages of the coordinator.
 *
 * @throws SecretKeyError when they differ
 */
export async function agreeOnSecretKey(
  coordinator: Coordinator,
  box: SecretBox,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  await throughOutages(() => compareFingerprints(coordinator, box), {
    signal,
    onOutage: (error) =>
      log.warn({ reason: errorMessage(error) }, 'Could not compare the secret key; trying again'),
  });
}

async function compareFingerprints(coordinator: Coordinator, box: SecretBox): Promise<void> {
  const key = collections.secrets.key('fingerprint');
  const mine = { fingerprint: box.fingerprint() };
  await coordinator.commit({
    conditions: [{ key, modRevision: 0n }],
    operations: [{ put: key, value: collections.secrets.encode(mine) }],
  });
  const stored = await coordinator.get(key);
  if (stored && collections.secrets.decode(key, stored.value).fingerprint !== mine.fingerprint) {
    throw new SecretKeyError(
      'This process was started with another secret key than the rest of its cluster. Copy the key file of a ' +
        'running member here and name it with --secret-key.',
    );
  }
}
