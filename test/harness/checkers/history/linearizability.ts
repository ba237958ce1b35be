import type { Operation } from './history.js';
import { apply, isBlind, type Value } from './register.js';

/** 'complex' means not judged: somebody has to look, it is never a pass. */
export type KeyVerdict =
  | { readonly kind: 'linearizable'; readonly steps: number }
  /** No order explains the replies up to and including this operation's. */
  | { readonly kind: 'violation'; readonly at: Operation; readonly possible: readonly Value[] }
  | { readonly kind: 'complex'; readonly at: Operation };

/** A way in which everything answered so far can have happened. */
interface Configuration {
  readonly value: Value;
  /** Open operations, by number, that have taken effect although their reply is still to come; ascending. */
  readonly ahead: readonly number[];
  /** Operations of unknown outcome that have taken effect; ascending. */
  readonly used: readonly number[];
}

const MAX_STEPS = 2_000_000;

/**
 * Whether some order of the operations of ONE key, each taking effect at once somewhere between its sending
 * and its reply, gives every reply that was seen. An operation of unknown outcome may take effect at any
 * time after its sending, or never.
 *
 * The search is Lowe's just-in-time linearization: it goes through sendings and replies in order and keeps
 * every configuration that explains the replies so far. At a reply whose operation has not taken effect, it
 * tries every sequence of open operations that ends with that one. Three things keep the set small, and lose
 * no explanation: an operation of unknown outcome takes effect only where the next one sees it; among equal
 * ones the earliest goes first; and a configuration is dropped when another one with the same value needs
 * fewer of them.
 */
export function checkKey(
  operations: readonly Operation[],
  initial: Value = null,
  maxSteps = MAX_STEPS,
): KeyVerdict {
  const relevant = operations.filter(({ reply, command }) => reply !== undefined || command.kind !== 'get');
  // What is explained with some of the unknown operations is explained. Those whose value somebody saw are
  // the likely ones; the others make the search long, and are tried only when they are needed.
  const wasSeen = wasSeenIn(relevant);
  const likely = relevant.filter((operation) => operation.reply !== undefined || wasSeen(operation));
  const possible = relevant.filter(
    (operation) => operation.reply !== undefined || wasSeen(operation) || !('value' in operation.command),
  );
  for (const some of [likely, possible]) {
    const verdict = check(some, initial, maxSteps);
    if (verdict.kind === 'linearizable') return verdict;
  }
  return check(relevant, initial, maxSteps);
}

/** Whether the value that an operation wrote is part of any reply. */
function wasSeenIn(operations: readonly Operation[]): (operation: Operation) => boolean {
  const seen = operations.flatMap(({ reply }) => (typeof reply === 'string' ? [reply] : [])).join(' ');
  return ({ command }) => 'value' in command && seen.includes(command.value);
}

function check(relevant: readonly Operation[], initial: Value, maxSteps: number): KeyVerdict {
  const search = new Search(relevant, maxSteps);
  let configurations: Configuration[] = [{ value: initial, ahead: [], used: [] }];
  for (const { number, isReply } of eventsOf(relevant)) {
    if (!isReply) {
      search.open(number);
      continue;
    }
    const next = search.linearize(configurations, number);
    const at = relevant[number]!;
    if (next === 'complex') return { kind: 'complex', at };
    if (next.length === 0) {
      return { kind: 'violation', at, possible: [...new Set(configurations.map(({ value }) => value))] };
    }
    configurations = next;
    search.close(number);
  }
  return { kind: 'linearizable', steps: search.steps };
}

interface Event {
  readonly time: number;
  readonly number: number;
  readonly isReply: boolean;
}

function eventsOf(operations: readonly Operation[]): Event[] {
  const events: Event[] = [];
  operations.forEach(({ invoked, answered }, number) => {
    events.push({ time: invoked, number, isReply: false });
    if (answered !== Infinity) events.push({ time: answered, number, isReply: true });
  });
  return events.sort((a, b) => a.time - b.time);
}

class Search {
  steps = 0;
  /** Sent, not answered, and answered some time later. */
  private readonly answerable = new Set<number>();
  /** Sent, of unknown outcome: by what they do, in the order of sending. */
  private readonly unknown = new Map<string, number[]>();
  private seen = new Set<string>();
  private found = new Antichain();
  private goal = 0;

  constructor(
    private readonly operations: readonly Operation[],
    private readonly maxSteps: number,
  ) {}

  open(number: number): void {
    const { answered, command } = this.operations[number]!;
    if (answered !== Infinity) {
      this.answerable.add(number);
      return;
    }
    const what = 'value' in command ? `${command.kind} ${command.value}` : command.kind;
    const alike = this.unknown.get(what);
    if (alike) alike.push(number);
    else this.unknown.set(what, [number]);
  }

  close(number: number): void {
    this.answerable.delete(number);
  }

  /** All configurations after the reply of operation `goal`. */
  linearize(from: readonly Configuration[], goal: number): Configuration[] | 'complex' {
    this.seen = new Set();
    this.found = new Antichain();
    this.goal = goal;
    for (const configuration of from) {
      if (configuration.ahead.includes(goal)) {
        this.found.add({ ...configuration, ahead: configuration.ahead.filter((number) => number !== goal) });
      } else {
        this.extend(configuration, false);
      }
      if (this.steps > this.maxSteps) return 'complex';
    }
    return this.found.list();
  }

  /** @param mustBeSeen whether the last operation was one of unknown outcome, which must not go unnoticed */
  private extend(configuration: Configuration, mustBeSeen: boolean): void {
    if (++this.steps > this.maxSteps) return;
    const state = `${String(mustBeSeen)} ${keyOf(configuration)} ${configuration.used.join()}`;
    if (this.seen.has(state)) return;
    this.seen.add(state);
    const { value, ahead, used } = configuration;
    for (const number of this.answerable) {
      if (ahead.includes(number)) continue;
      const { command, reply } = this.operations[number]!;
      if (mustBeSeen && isBlind(command)) continue;
      const step = apply(value, command);
      if (step.reply !== reply) continue;
      if (number === this.goal) this.found.add({ value: step.value, ahead, used });
      else this.extend({ value: step.value, ahead: insert(ahead, number), used }, false);
    }
    for (const alike of this.unknown.values()) {
      const number = alike.find((candidate) => !used.includes(candidate));
      if (number === undefined) continue;
      const { command } = this.operations[number]!;
      if (mustBeSeen && isBlind(command)) continue;
      const step = apply(value, command);
      if (step.value === value) continue;
      this.extend({ value: step.value, ahead, used: insert(used, number) }, true);
    }
  }
}

/** Configurations of which none needs a superset of the unknown operations that an equal one needs. */
class Antichain {
  private readonly byKey = new Map<string, Configuration[]>();

  add(configuration: Configuration): void {
    const key = keyOf(configuration);
    const equals = this.byKey.get(key) ?? [];
    if (equals.some(({ used }) => isSubset(used, configuration.used))) return;
    this.byKey.set(key, [...equals.filter(({ used }) => !isSubset(configuration.used, used)), configuration]);
  }

  list(): Configuration[] {
    return [...this.byKey.values()].flat();
  }
}

function keyOf({ value, ahead }: Configuration): string {
  return `${ahead.join()} ${value === null ? '-' : `=${value}`}`;
}

function insert(numbers: readonly number[], number: number): number[] {
  return [...numbers, number].sort((a, b) => a - b);
}

function isSubset(some: readonly number[], all: readonly number[]): boolean {
  return some.length <= all.length && some.every((number) => all.includes(number));
}
