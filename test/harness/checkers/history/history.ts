/** What a client may ask of one register; values are unique per write, so that a reply tells whose it is. */
export type Command =
  | { readonly kind: 'get' }
  | { readonly kind: 'set'; readonly value: string }
  | { readonly kind: 'getset'; readonly value: string }
  | { readonly kind: 'append'; readonly value: string }
  | { readonly kind: 'del' }
  | { readonly kind: 'incr' };

/** OK, a value, a length, a count; null for no value. */
export type Reply = string | number | null;

/** One request of one client for one register, as the client saw it. */
export interface Operation {
  readonly client: string;
  readonly key: string;
  readonly command: Command;
  /** The clock of the log when it was about to be sent. */
  readonly invoked: number;
  /** The clock when its reply had been taken; Infinity when it is not known whether it was ever executed. */
  readonly answered: number;
  /** Undefined when it is not known whether it was ever executed. */
  readonly reply: Reply | undefined;
  /** For people: milliseconds since the log began. */
  readonly invokedAtMs: number;
  readonly answeredAtMs: number;
}

/** An operation that has been sent and whose end is still to be recorded. */
export type PendingOperation = Pick<Operation, 'client' | 'key' | 'command' | 'invoked' | 'invokedAtMs'>;

/**
 * What all clients of one process did, in the order in which it happened: one counter orders all sendings
 * and replies, so that "ended before the other began" is never a matter of a clock's resolution.
 */
export class HistoryLog {
  readonly operations: Operation[] = [];
  private readonly startedAt = performance.now();
  private clock = 0;

  /** Milliseconds since the log began. */
  get nowMs(): number {
    return performance.now() - this.startedAt;
  }

  /** To be called right before the request is sent. */
  invoke(client: string, key: string, command: Command): PendingOperation {
    return { client, key, command, invoked: ++this.clock, invokedAtMs: this.nowMs };
  }

  answered(pending: PendingOperation, reply: Reply): void {
    this.operations.push({ ...pending, answered: ++this.clock, reply, answeredAtMs: this.nowMs });
  }

  /** It may have been executed, may still be, or never will. What was certainly not executed is not recorded. */
  unknown(pending: PendingOperation): void {
    this.operations.push({ ...pending, answered: Infinity, reply: undefined, answeredAtMs: this.nowMs });
  }
}

/** One line an operation, in the order of sending. */
export function describeOperations(operations: readonly Operation[]): string {
  return [...operations]
    .sort((a, b) => a.invoked - b.invoked)
    .map((operation) => {
      const { client, key, command, invoked, answered, reply } = operation;
      const what = 'value' in command ? `${command.kind} ${JSON.stringify(command.value)}` : command.kind;
      const end =
        reply === undefined
          ? `outcome unknown since ${operation.answeredAtMs.toFixed(1)} ms`
          : `${JSON.stringify(reply)} at ${answered} (${operation.answeredAtMs.toFixed(1)} ms)`;
      return `${invoked} (${operation.invokedAtMs.toFixed(1)} ms) ${client} ${key} ${what} -> ${end}`;
    })
    .join('\n');
}
