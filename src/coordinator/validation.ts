import { InvalidRequestError } from './errors.js';
import type { Transaction, WriteOperation } from './types.js';

/** etcd accepts 128 comparisons and 128 operations in a transaction by default; a few are kept for our own. */
const MAX_TRANSACTION_SIZE = 120;

/** Throws an {@link InvalidRequestError} for what no implementation may accept. */
export function validateTransaction(transaction: Transaction): void {
  const { conditions, operations } = transaction;
  if (conditions.length > MAX_TRANSACTION_SIZE || operations.length > MAX_TRANSACTION_SIZE) {
    throw new InvalidRequestError(
      `A transaction has at most ${MAX_TRANSACTION_SIZE} conditions and ${MAX_TRANSACTION_SIZE} operations; ` +
        `this one has ${conditions.length} and ${operations.length}.`,
    );
  }
  rejectOverlap(operations);
  for (const operation of operations) {
    if ('put' in operation && operation.put === '') throw new InvalidRequestError('A key may not be empty.');
  }
}

function rejectOverlap(operations: readonly WriteOperation[]): void {
  const keys = new Set<string>();
  const prefixes: string[] = [];
  for (const operation of operations) {
    if ('deletePrefix' in operation) {
      prefixes.push(operation.deletePrefix);
      continue;
    }
    const key = 'put' in operation ? operation.put : operation.delete;
    if (keys.has(key)) throw new InvalidRequestError(`The key "${key}" occurs twice in one transaction.`);
    keys.add(key);
  }
  for (const prefix of prefixes) {
    for (const key of keys) {
      if (key.startsWith(prefix)) {
        throw new InvalidRequestError(
          `The key "${key}" lies under "${prefix}", deleted by the same transaction.`,
        );
      }
    }
  }
}
