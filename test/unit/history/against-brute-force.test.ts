import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Command, Operation } from '../../harness/checkers/history/history.js';
import { checkKey } from '../../harness/checkers/history/linearizability.js';
import { apply, type Value } from '../../harness/checkers/history/register.js';

/** Tries every order of every choice among the operations of unknown outcome: slow, and obviously right. */
function isLinearizable(operations: readonly Operation[]): boolean {
  const place = (value: Value, left: readonly Operation[]): boolean => {
    if (left.every(({ answered }) => answered === Infinity)) return true;
    return left.some((operation) => {
      if (left.some((other) => other.answered < operation.invoked)) return false;
      const step = apply(value, operation.command);
      if (operation.reply !== undefined && step.reply !== operation.reply) return false;
      return place(
        step.value,
        left.filter((other) => other !== operation),
      );
    });
  };
  return place(null, operations);
}

type Kind = Command['kind'];

/** How one client's request went: when it took effect between its sending and its end, if at all. */
interface Draft {
  readonly kind: Kind;
  readonly sent: number;
  readonly effectAfter: number;
  readonly endAfter: number;
  readonly isUnknown: boolean;
  readonly happens: boolean;
}

const draft: fc.Arbitrary<Draft> = fc.record({
  kind: fc.constantFrom<Kind>('get', 'get', 'set', 'getset', 'append', 'del', 'incr'),
  sent: fc.integer({ min: 0, max: 30 }),
  effectAfter: fc.integer({ min: 1, max: 12 }),
  endAfter: fc.integer({ min: 1, max: 12 }),
  isUnknown: fc.boolean(),
  happens: fc.boolean(),
});

function commandOf(kind: Kind, number: number): Command {
  return kind === 'set' || kind === 'getset' || kind === 'append'
    ? { kind, value: String.fromCharCode(97 + number) }
    : { kind };
}

/** What clients of a real register could have seen. */
function simulate(drafts: readonly Draft[]): Operation[] {
  const operations = drafts.map((each, number) => ({
    client: `c${number}`,
    key: 'key',
    command: commandOf(each.kind, number),
    invoked: each.sent + number / 100,
    effect: each.sent + each.effectAfter + number / 100,
    // An outcome is unknown to its client long before it takes effect, and the other way round.
    answered: each.isUnknown ? Infinity : each.sent + each.effectAfter + each.endAfter + number / 100,
    happens: each.happens || !each.isUnknown,
    reply: undefined as Operation['reply'],
    invokedAtMs: 0,
    answeredAtMs: 0,
  }));
  let value: Value = null;
  for (const operation of [...operations].sort((a, b) => a.effect - b.effect)) {
    if (!operation.happens) continue;
    const step = apply(value, operation.command);
    value = step.value;
    if (operation.answered !== Infinity) operation.reply = step.reply;
  }
  return operations;
}

const histories = fc.array(draft, { minLength: 1, maxLength: 7 }).map(simulate);

/** One reply taken from another operation, or made up. */
const mutated = fc
  .tuple(
    histories,
    fc.nat(),
    fc.constantFrom<Operation['reply']>(null, 'a', 'b', 'ab', 'OK', 0, 1, 2, 3),
    fc.nat(),
  )
  .map(([operations, which, reply, from]) => {
    const victim = which % operations.length;
    const other = operations[from % operations.length]!.reply;
    return operations.map((operation, index) =>
      index === victim && operation.reply !== undefined
        ? { ...operation, reply: from % 2 === 0 ? reply : (other ?? reply) }
        : operation,
    );
  });

const RUNS = { numRuns: 3_000 };

test('accepts everything that clients of a register can have seen', () => {
  fc.assert(
    fc.property(fc.array(draft, { minLength: 1, maxLength: 40 }).map(simulate), (operations) => {
      expect(checkKey(operations).kind).toBe('linearizable');
    }),
    { numRuns: 1_000 },
  );
});

test('judges histories with a wrong reply as trying every order does', () => {
  const seen = { right: 0, wrong: 0 };
  fc.assert(
    fc.property(mutated, (operations) => {
      const legal = isLinearizable(operations);
      seen[legal ? 'right' : 'wrong']++;
      expect(checkKey(operations).kind).toBe(legal ? 'linearizable' : 'violation');
    }),
    RUNS,
  );
  expect(seen.right).toBeGreaterThan(RUNS.numRuns / 10);
  expect(seen.wrong).toBeGreaterThan(RUNS.numRuns / 10);
});
