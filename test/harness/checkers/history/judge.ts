import { describeOperations, type Operation } from './history.js';
import { checkKey } from './linearizability.js';

/** Something wrong with one key, with its whole history. */
export interface KeyFinding {
  readonly key: string;
  readonly what: string;
  readonly history: string;
}

export interface Judgement {
  readonly keys: number;
  readonly operations: number;
  /** Empty when every reply can be explained. A key whose history was too complex to judge is a finding too. */
  readonly findings: readonly KeyFinding[];
}

/** Judges every key by itself: a history is linearizable exactly when that of each key is. */
export function judge(operations: readonly Operation[]): Judgement {
  const byKey = new Map<string, Operation[]>();
  for (const operation of operations) {
    const others = byKey.get(operation.key);
    if (others) others.push(operation);
    else byKey.set(operation.key, [operation]);
  }
  const findings: KeyFinding[] = [];
  for (const [key, history] of byKey) {
    const verdict = checkKey(history);
    if (verdict.kind === 'linearizable') continue;
    const at = describeOperations([verdict.at]);
    const what =
      verdict.kind === 'complex'
        ? `could not be judged within the bound, at: ${at}`
        : `no order of its operations gives the reply of: ${at}; before it the value can have been ` +
          verdict.possible.map((value) => JSON.stringify(value)).join(' or ');
    findings.push({ key, what, history: describeOperations(history) });
  }
  return { keys: byKey.size, operations: operations.length, findings };
}
