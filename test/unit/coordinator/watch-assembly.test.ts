import type { IEvent, IWatchResponse } from 'etcd3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Keyspace } from '../../../src/coordinator/etcd/keyspace.js';
import { WatchAssembly } from '../../../src/coordinator/etcd/watch-assembly.js';

const keyspace = new Keyspace('/root/');

function event(revision: number, key: string, type: 'Put' | 'Delete' = 'Put'): IEvent {
  return {
    type,
    kv: {
      key: Buffer.from(`/root/${key}`),
      value: Buffer.from(type === 'Put' ? `value of ${key}` : ''),
      create_revision: type === 'Put' ? String(revision) : '0',
      mod_revision: String(revision),
      version: '1',
      lease: '0',
    },
  } as IEvent;
}

function message(events: IEvent[], fragment = false): IWatchResponse {
  return { events, fragment } as IWatchResponse;
}

describe('the assembly of a watch', () => {
  it('joins a revision that is spread over fragments', () => {
    const assembly = new WatchAssembly(keyspace, 0n);
    expect(assembly.accept(message([event(2, 'a'), event(3, 'b')], true)).map((b) => b.revision)).toEqual([
      2n,
    ]);
    expect(assembly.accept(message([event(3, 'c')], true))).toEqual([]);
    const [batch, ...others] = assembly.accept(message([event(3, 'd'), event(4, 'e')]));
    expect(batch?.changes.map((change) => change.key)).toEqual(['b', 'c', 'd']);
    expect(others.map((b) => b.revision)).toEqual([4n]);
  });

  it('drops what was delivered before', () => {
    const assembly = new WatchAssembly(keyspace, 3n);
    const batches = assembly.accept(message([event(2, 'a'), event(3, 'b'), event(3, 'c'), event(4, 'd')]));
    expect(batches.map((batch) => batch.revision)).toEqual([4n]);
  });

  it('tells puts from deletes and takes the root off the keys', () => {
    const [batch] = new WatchAssembly(keyspace, 0n).accept(message([event(2, 'a'), event(2, 'b', 'Delete')]));
    expect(batch).toEqual({
      revision: 2n,
      changes: [
        { type: 'put', key: 'a', value: 'value of a', createRevision: 2n, modRevision: 2n },
        { type: 'delete', key: 'b', modRevision: 2n },
      ],
    });
  });

  it('gives the same batches wherever responses are cut', () => {
    const history = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 12 });
    const cuts = fc.infiniteStream(fc.constantFrom('none', 'fragment', 'response' as const));
    fc.assert(
      fc.property(history, cuts, (sizes, cut) => {
        const assembly = new WatchAssembly(keyspace, 0n);
        const events = sizes.flatMap((size, index) =>
          Array.from({ length: size }, (_unused, position) => event(index + 1, `${index}/${position}`)),
        );
        const seen: string[][] = [];
        let pending: IEvent[] = [];
        events.forEach((next, index) => {
          pending.push(next);
          const last = index === events.length - 1;
          const endsRevision = last || events[index + 1]?.kv.mod_revision !== next.kv.mod_revision;
          const { value } = cut.next();
          // etcd ends a response only between two revisions, and a fragment anywhere.
          if (!last && (value === 'none' || (value === 'response' && !endsRevision))) return;
          for (const batch of assembly.accept(message(pending, !last && value === 'fragment'))) {
            seen.push(batch.changes.map((change) => change.key));
          }
          pending = [];
        });
        expect(seen).toEqual(
          sizes.map((size, index) =>
            Array.from({ length: size }, (_unused, position) => `${index}/${position}`),
          ),
        );
      }),
    );
  });
});
