import { EmbeddedCoordinator, type CommitResult, type Transaction } from '../../../src/coordinator/index.js';
import { OutcomeUnknownError } from '../../../src/coordinator/errors.js';

/** A real coordinator whose transactions can be held up, and whose answers can be lost. */
export class FaultyCoordinator extends EmbeddedCoordinator {
  private gate: Promise<void> | null = null;
  private open: () => void = () => undefined;
  private losing: ((transaction: Transaction) => boolean) | null = null;

  /** From now on nothing is committed until `release`. */
  hold(): void {
    this.gate ??= new Promise((resolve) => (this.open = resolve));
  }

  release(): void {
    this.open();
    this.gate = null;
  }

  /** The next transaction that puts this key is committed, and whoever asked for it does not learn that. */
  loseAnswer(key: string): void {
    this.losing = ({ operations }) => operations.some((each) => 'put' in each && each.put === key);
  }

  override async commit(
    ...[transaction, options]: Parameters<EmbeddedCoordinator['commit']>
  ): Promise<CommitResult> {
    await this.gate;
    const result = await super.commit(transaction, options);
    if (this.losing?.(transaction) === true) {
      this.losing = null;
      throw new OutcomeUnknownError('The answer was lost by the test.');
    }
    return result;
  }
}
