import type { Logger } from 'pino';
import type { LogLevel } from '../common/log-levels.js';

/**
 * A logger and all that were made from it. Each has a level of its own, which it took when it was made; together they
 * are one setting.
 */
export class LogFamily {
  private children: WeakRef<Logger>[] = [];

  add(child: Logger): void {
    this.children = [...this.living().map((each) => new WeakRef(each)), new WeakRef(child)];
  }

  change(root: Logger, level: LogLevel): void {
    for (const log of [root, ...this.living()]) log.level = level;
  }

  private living(): Logger[] {
    return this.children.flatMap((child) => child.deref() ?? []);
  }
}
