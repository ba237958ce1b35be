import { randomUUID } from 'node:crypto';
import { GRPCInvalidArgumentError, type ICompare, type IRequestOp, type ITxnResponse } from 'etcd3';
import { errorMessage } from '../../common/errors.js';
import { pause } from '../../common/async.js';
import {
  CoordinatorUnavailableError,
  InvalidRequestError,
  OutcomeUnknownError,
  SessionLostError,
} from '../errors.js';
import type { CommitResult, Session, Transaction } from '../types.js';
import type { EtcdClient } from './client.js';
import { unavailable, type EtcdEndpoints } from './endpoints.js';
import { explain, isLeaseGone, isRefusal, wasNeverSent } from './failures.js';
import type { Keyspace } from './keyspace.js';
import type { OutcomeKey, OutcomeKeys } from './outcome-keys.js';
import { leaseExists } from './lease.js';
import { EtcdSession } from './session.js';

const RETRY_MS = 100;

type Attempt =
  | { readonly result: CommitResult }
  /** Certainly nothing was written, nor will be; it may be tried again, on the same outcome key or on another. */
  | { readonly again: 'same key' | 'new key'; readonly reason?: unknown };

/**
 * One transaction from its first sending to a certain outcome.
 *
 * After an error nobody knows whether etcd has carried the transaction out, or still will. So the transaction also
 * writes an id into an outcome key, on condition that the key is unchanged. To find out what became of it, a *fence* is
 * written to that key on the same condition. If the fence goes in, the transaction's condition is false for ever. If it
 * does not, the key holds the id of the transaction, which was committed.
 */
export class TransactionRun {
  private deadline = Infinity;
  private readonly failures = new Map<EtcdClient, unknown>();

  constructor(
    private readonly endpoints: EtcdEndpoints,
    private readonly outcomeKeys: OutcomeKeys,
    private readonly keyspace: Keyspace,
    private readonly transaction: Transaction,
    private readonly outcomeTimeoutMs: number,
  ) {}

  async run(signal?: AbortSignal): Promise<CommitResult> {
    for (;;) {
      this.requireSessions();
      const outcomeKey = await this.outcomeKeys.acquire(signal);
      // The wait for an outcome key does not count.
      if (this.deadline === Infinity) this.deadline = performance.now() + this.outcomeTimeoutMs;
      let known = false;
      try {
        const result = await this.commitOn(outcomeKey);
        known = true;
        if (result !== undefined) return result;
      } catch (error) {
        known = !(error instanceof OutcomeUnknownError);
        throw error;
      } finally {
        if (known) this.outcomeKeys.release(outcomeKey);
        else this.outcomeKeys.discard(outcomeKey);
      }
    }
  }

  /** Undefined when another outcome key has to be taken. */
  private async commitOn(outcomeKey: OutcomeKey): Promise<CommitResult | undefined> {
    for (;;) {
      const attempt = await this.attempt(outcomeKey);
      if ('result' in attempt) return attempt.result;
      if (attempt.again === 'new key' && this.remaining() > 0) return undefined;
      await pause(RETRY_MS, this.endpoints.closed);
      // Sent any later, there might be no time left to find out what became of it; now that is certain.
      if (this.remaining() < this.endpoints.callTimeoutMs) throw unavailable(this.failures);
      this.requireSessions();
    }
  }

  private async attempt(outcomeKey: OutcomeKey): Promise<Attempt> {
    const client = this.endpoints.client;
    const id = randomUUID();
    try {
      const { conditions, operations } = this.transaction;
      const response = await this.transact(
        client,
        outcomeKey,
        id,
        conditions.map((condition) => this.keyspace.compare(condition)),
        operations.map((operation) => this.keyspace.operation(operation)),
      );
      return this.interpret(outcomeKey, id, response);
    } catch (error) {
      this.failures.set(client, error);
      if (isLeaseGone(error)) return this.afterLostLease(outcomeKey);
      if (error instanceof GRPCInvalidArgumentError) {
        throw new InvalidRequestError(`etcd refuses the transaction: ${errorMessage(error)}`, {
          cause: error,
        });
      }
      if (isRefusal(error)) throw unavailable(new Map([[client, error]]));
      this.endpoints.rotate(client);
      if (wasNeverSent(error)) return { again: 'same key', reason: error };
      return this.findOutcome(outcomeKey, id, error);
    }
  }

  private interpret(outcomeKey: OutcomeKey, id: string, response: ITxnResponse): Attempt {
    const revision = BigInt(response.header.revision);
    if (response.succeeded) {
      outcomeKey.modRevision = response.header.revision;
      return { result: { committed: true, revision, raftTerm: BigInt(response.header.raft_term) } };
    }
    const held = laneIn(response);
    if (held?.mod_revision === outcomeKey.modRevision) return { result: { committed: false, revision } };
    // gRPC may have delivered the request twice; then it was its first delivery that went in.
    if (held?.value.toString() === id) return this.found(outcomeKey, held.mod_revision);
    // An operator, or the end of the lease, has removed the outcome key.
    this.outcomeKeys.leaseLost(outcomeKey.leaseId);
    return { again: 'new key' };
  }

  private async findOutcome(outcomeKey: OutcomeKey, id: string, cause: unknown): Promise<Attempt> {
    const fence = randomUUID();
    while (this.remaining() > 0) {
      const client = this.endpoints.client;
      try {
        const response = await this.transact(client, outcomeKey, fence, [], []);
        if (response.succeeded) {
          outcomeKey.modRevision = response.header.revision;
          return { again: 'same key', reason: cause };
        }
        const held = laneIn(response);
        if (held?.value.toString() === id) return this.found(outcomeKey, held.mod_revision);
        if (held?.value.toString() === fence) {
          outcomeKey.modRevision = held.mod_revision;
          return { again: 'same key', reason: cause };
        }
        break;
      } catch (error) {
        this.failures.set(client, error);
        if (isLeaseGone(error)) break;
        this.endpoints.rotate(client);
        await pause(RETRY_MS, this.endpoints.closed);
      }
    }
    throw new OutcomeUnknownError(
      `A transaction was sent to etcd, and whether it was committed could not be found out: ${explain(cause)}.`,
      { cause },
    );
  }

  private found(outcomeKey: OutcomeKey, modRevision: string): Attempt {
    outcomeKey.modRevision = modRevision;
    return { result: { committed: true, revision: BigInt(modRevision), raftTerm: null } };
  }

  /** The transaction named a lease that is gone: a session's, or that of the outcome key. */
  private async afterLostLease(outcomeKey: OutcomeKey): Promise<Attempt> {
    for (const session of this.sessions()) {
      if (await this.exists(session)) continue;
      const reason = `etcd has ended the session ${session.id}.`;
      if (session instanceof EtcdSession) session.lose(reason);
      throw new SessionLostError(reason);
    }
    this.outcomeKeys.leaseLost(outcomeKey.leaseId);
    return { again: 'new key' };
  }

  private async exists(session: Session): Promise<boolean> {
    try {
      return await leaseExists(this.endpoints, session.id);
    } catch (error) {
      if (error instanceof CoordinatorUnavailableError) throw error;
      throw unavailable(new Map([[this.endpoints.client, error]]));
    }
  }

  /** Writes `value` to the outcome key, and the operations with it, if that key is unchanged and the conditions hold. */
  private transact(
    client: EtcdClient,
    outcomeKey: OutcomeKey,
    value: string,
    conditions: readonly ICompare[],
    operations: readonly IRequestOp[],
  ): Promise<ITxnResponse> {
    const timeout = Math.min(this.endpoints.callTimeoutMs, Math.max(this.remaining(), 1));
    return client.kv.txn(
      {
        compare: [
          ...conditions,
          { key: outcomeKey.key, target: 'Mod', result: 'Equal', mod_revision: outcomeKey.modRevision },
        ],
        success: [
          ...operations,
          { request_put: { key: outcomeKey.key, value: Buffer.from(value), lease: outcomeKey.leaseId } },
        ],
        failure: [{ request_range: { key: outcomeKey.key } }],
      },
      { deadline: Date.now() + timeout },
    );
  }

  private requireSessions(): void {
    for (const session of this.sessions()) {
      if (!session.isAlive()) throw new SessionLostError('The session of a key to be written has ended.');
    }
  }

  private sessions(): Set<Session> {
    return new Set(
      this.transaction.operations.flatMap((operation) =>
        'put' in operation && operation.session !== undefined ? [operation.session] : [],
      ),
    );
  }

  /** Milliseconds that are left to find out; none once the client is stopped. */
  private remaining(): number {
    return this.endpoints.closed.aborted ? 0 : this.deadline - performance.now();
  }
}

function laneIn(response: ITxnResponse) {
  return response.responses[0]?.response_range.kvs[0];
}
