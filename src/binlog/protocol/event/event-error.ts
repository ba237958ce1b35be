import { QuorateError } from '../../../common/errors.js';

/** A binlog event is damaged, or stands where it must not. */
export class BinlogEventError extends QuorateError {
  /** @param offset where the event begins in its stream or file; null when only the event itself was looked at */
  constructor(
    message: string,
    readonly offset: number | null = null,
  ) {
    super('BINLOG_EVENT', message);
  }
}
