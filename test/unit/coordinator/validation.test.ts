import { describe, expect, it } from 'vitest';
import { InvalidRequestError } from '../../../src/coordinator/errors.js';
import { validateTransaction } from '../../../src/coordinator/validation.js';
import type { WriteOperation } from '../../../src/coordinator/types.js';

const validate = (operations: WriteOperation[]) => validateTransaction({ conditions: [], operations });

describe('a transaction', () => {
  it.each<[string, WriteOperation[]]>([
    ['an empty key', [{ put: '', value: '' }]],
    [
      'a key that is put twice',
      [
        { put: 'a', value: '1' },
        { put: 'a', value: '2' },
      ],
    ],
    ['a key that is put and deleted', [{ put: 'a', value: '1' }, { delete: 'a' }]],
    ['a key that is put below a deleted prefix', [{ deletePrefix: 'a' }, { put: 'a/b', value: '1' }]],
    ['more than 120 operations', Array.from({ length: 121 }, (_unused, index) => ({ delete: `k${index}` }))],
  ])('may not have %s', (_what, operations) => {
    expect(() => validate(operations)).toThrow(InvalidRequestError);
  });

  it('may delete a prefix and put beside it', () => {
    expect(() => validate([{ deletePrefix: 'a/' }, { put: 'a', value: '1' }, { delete: 'b' }])).not.toThrow();
  });

  it('has at most 120 conditions', () => {
    const conditions = Array.from({ length: 121 }, () => ({ key: 'a', modRevision: 0n }));
    expect(() => validateTransaction({ conditions, operations: [] })).toThrow(InvalidRequestError);
  });
});
