import type { ICompare, IKeyValue, IRequestOp } from 'etcd3';
import type { Condition, KeyValue, WriteOperation } from '../types.js';

/** Adds the cluster's root to keys on their way to etcd, and takes it off on their way back. */
export class Keyspace {
  constructor(readonly root: string) {}

  key(key: string): Buffer {
    return Buffer.from(this.root + key);
  }

  range(prefix: string): { key: Buffer; range_end: Buffer } {
    const key = this.key(prefix);
    return { key, range_end: prefixEnd(key) };
  }

  strip(key: Buffer): string {
    return key.toString('utf8').slice(this.root.length);
  }

  keyValue(kv: IKeyValue): KeyValue {
    return {
      key: this.strip(kv.key),
      value: kv.value.toString('utf8'),
      createRevision: BigInt(kv.create_revision),
      modRevision: BigInt(kv.mod_revision),
      ...(kv.lease === '0' ? {} : { sessionId: kv.lease }),
    };
  }

  compare(condition: Condition): ICompare {
    const key = this.key(condition.key);
    // Revisions go as decimal strings: they are 64-bit.
    return 'modRevision' in condition
      ? { key, target: 'Mod', result: 'Equal', mod_revision: String(condition.modRevision) }
      : { key, target: 'Create', result: 'Equal', create_revision: String(condition.createRevision) };
  }

  operation(operation: WriteOperation): IRequestOp {
    if ('deletePrefix' in operation) return { request_delete_range: this.range(operation.deletePrefix) };
    if ('delete' in operation) return { request_delete_range: { key: this.key(operation.delete) } };
    return {
      request_put: {
        key: this.key(operation.put),
        value: Buffer.from(operation.value),
        ...(operation.session === undefined ? {} : { lease: operation.session.id }),
      },
    };
  }
}

/** The first key after all that begin with `prefix`, which is never empty: the root is part of it. */
export function prefixEnd(prefix: Buffer): Buffer {
  for (let index = prefix.length - 1; index >= 0; index -= 1) {
    const byte = prefix[index] ?? 0xff;
    if (byte < 0xff) {
      const end = Buffer.from(prefix.subarray(0, index + 1));
      end[index] = byte + 1;
      return end;
    }
  }
  // etcd takes a single zero byte for "to the end of all keys".
  return Buffer.from([0]);
}
