import { createHmac } from 'node:crypto';
import { Mutex } from '../common/mutex.js';
import { refuse, RefusedError } from '../common/refused.js';
import type { SecretBox } from '../common/secret-box.js';
import type { Condition, Coordinator, WriteOperation } from '../coordinator/types.js';
import type { Stored } from './collection.js';
import type { Claim, Proposed } from './proposals.js';
import { collections, type IdempotencyRecord } from './records.js';
import type { StateView } from './view.js';

/** How long a change is remembered under its key, in milliseconds. */
export const IDEMPOTENCY_KEPT_MS = 24 * 60 * 60 * 1_000;

/** In one transaction; the rest goes next time. */
const SWEEP_AT_A_TIME = 100;

const { idempotency: collection } = collections;

/** A change that is to be made once under a key, however often it is asked for. */
export interface IdempotentRequest {
  /** Chosen by the caller; keys of different actors have nothing to do with each other. */
  readonly key: string;
  readonly actor: string;
  /** All that is asked for. Only a keyed digest of it is stored: it may hold passwords. */
  readonly input: unknown;
}

/** A change as it was made when it was first asked for. */
export interface FirstChange {
  /** The raft term is null: it was not known when this was stored. */
  readonly proposed: Proposed;
  /** The answer that the draft of the proposal gave, see `ProposalDraft.answer`. */
  readonly answer: unknown;
}

export interface Once<T> {
  /** Makes the change, in one proposal that takes this claim with it. */
  readonly change: (claim: Claim) => Promise<T>;
  /** Answers when the change was made before. */
  readonly again: (first: FirstChange) => T | Promise<T>;
  /** Whether a change stands, by its answer; one that came to nothing may be made anew under its key. */
  readonly stands?: (answer: unknown) => boolean;
}

/**
 * Remembers changes by keys of their callers, so that a change whose answer was lost can be asked for again.
 *
 * Invariant: a change and the record of its key are one transaction, on condition that nobody else has used the key
 * meanwhile. So a change is made once also by two leaders that follow each other, and a refused one leaves no record.
 */
export class IdempotencyKeys {
  private readonly digestKey: Buffer;
  /** One call of a key at a time: the next finds what the one before has done. */
  private readonly calls = new Map<string, { readonly mutex: Mutex; waiting: number }>();

  constructor(
    private readonly coordinator: Coordinator,
    private readonly view: StateView,
    secrets: SecretBox,
    private readonly now: () => number = Date.now,
  ) {
    this.digestKey = secrets.derive('idempotency');
  }

  /** @throws RefusedError with CONFLICT when the key was used for something else */
  once<T>({ key, actor, input }: IdempotentRequest, how: Once<T>): Promise<T> {
    const id = this.digest([actor, key]);
    const digest = this.digest(input);
    const { change, again, stands = () => true } = how;
    const find = () => this.find(id, digest, stands);
    return this.oneAtATime(id, async () => {
      const first = await find();
      if (first) return again(first);
      const claim = new KeyClaim(this.view, id, digest, this.now);
      try {
        return await change(claim);
      } catch (error) {
        if (!(error instanceof RefusedError) || claim.isKept) throw error;
        // Another leader may have made it just now, which is what this one was refused for.
        const other = await find();
        if (other) return again(other);
        throw error;
      }
    });
  }

  /** Forgets what is old enough, on these conditions. */
  async sweep(conditions: readonly Condition[]): Promise<void> {
    const old = this.view.list(collection).filter((record) => !isKept(record, this.now()));
    const operations = old.slice(0, SWEEP_AT_A_TIME).map(({ id }) => ({ delete: collection.key(id) }));
    if (operations.length > 0) await this.coordinator.commit({ conditions, operations });
  }

  private async find(
    id: string,
    digest: string,
    stands: (answer: unknown) => boolean,
  ): Promise<FirstChange | null> {
    await this.view.catchUp([collection.key(id)]);
    const record = this.view.get(collection, id);
    if (!record || !isKept(record, this.now()) || !stands(record.value.answer)) return null;
    const { value, revision } = record;
    if (value.digest !== digest) {
      return refuse(
        'CONFLICT',
        'idempotencyKey',
        `This idempotencyKey was used at ${value.at} with another input. Give every change a key of its own, and repeat a ` +
          'change with the same input.',
      );
    }
    const { proposal, committedBy, answer } = value;
    return { proposed: { id: proposal, revision, raftTerm: null, committedBy }, answer };
  }

  private async oneAtATime<T>(id: string, work: () => Promise<T>): Promise<T> {
    const call = this.calls.get(id) ?? { mutex: new Mutex(), waiting: 0 };
    this.calls.set(id, call);
    call.waiting++;
    try {
      return await call.mutex.run(work);
    } finally {
      call.waiting--;
      if (call.waiting === 0) this.calls.delete(id);
    }
  }

  /** Whoever has the coordinator's data, and not the secret key, can try no passwords by it. */
  private digest(value: unknown): string {
    return createHmac('sha256', this.digestKey).update(canonical(value)).digest('hex');
  }
}

class KeyClaim implements Claim {
  /** Whether the change was made under it. */
  isKept = false;
  /** The revision of the record that is out of date; 0n: there is none. */
  private readonly revision: bigint;

  constructor(
    private readonly view: StateView,
    private readonly id: string,
    private readonly digest: string,
    private readonly now: () => number,
  ) {
    this.revision = this.current;
  }

  get condition(): Condition {
    return { key: collection.key(this.id), modRevision: this.revision };
  }

  check(): void {
    if (this.current !== this.revision)
      refuse('CONFLICT', 'idempotencyKey', 'Another request with this idempotencyKey was faster.');
  }

  write(proposal: string, committedBy: string, answer: unknown): WriteOperation {
    const at = new Date(this.now()).toISOString();
    const record: IdempotencyRecord = { digest: this.digest, proposal, committedBy, at, answer };
    return { put: collection.key(this.id), value: collection.encode(record) };
  }

  kept(): void {
    this.isKept = true;
  }

  private get current(): bigint {
    return this.view.get(collection, this.id)?.revision ?? 0n;
  }
}

function isKept({ value }: Stored<IdempotencyRecord>, now: number): boolean {
  return now - Date.parse(value.at) < IDEMPOTENCY_KEPT_MS;
}

/** The same text for the same values, in whichever order their fields were given. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => {
    if (typeof each === 'bigint') return `${each}n`;
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
