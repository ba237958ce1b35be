import { encodeCommand } from '../resp/encode.js';
import { kindOfText } from '../error-replies.js';
import { ReplyScanner, UNFINISHED } from '../resp/reply-scanner.js';
import { BackendError } from './backend-error.js';

/**
 * The first commands on a connection to a server: AUTH, SELECT, CLIENT SETNAME, CLIENT ID, sent together.
 *
 * No request may be sent before they are answered: the name is what finds the connection on the server
 * when it is lost with requests in flight, so it has to be there before the first of them.
 */
export class Handshake {
  readonly request: Buffer;
  private readonly steps: readonly string[];
  private readonly scanner = new ReplyScanner();
  private answered = 0;

  constructor(
    private readonly address: string,
    password: string | null,
    database: number,
    connectionName: string,
  ) {
    const commands = [
      ...(password === null ? [] : [['AUTH', password]]),
      ...(database === 0 ? [] : [['SELECT', String(database)]]),
      ['CLIENT', 'SETNAME', connectionName],
      ['CLIENT', 'ID'],
    ];
    this.steps = commands.map((words) => (words[0] === 'CLIENT' ? words.slice(0, 2).join(' ') : words[0]!));
    this.request = Buffer.concat(commands.map((words) => encodeCommand(words)));
  }

  get done(): boolean {
    return this.answered === this.steps.length;
  }

  /**
   * Takes the replies in `buffer[start, end)` and returns the offset behind the last whole one.
   *
   * @throws BackendError when the server refuses a step or does not speak RESP
   */
  take(buffer: Buffer, start: number, end: number): number {
    let at = start;
    while (!this.done) {
      const behind = this.scanner.scan(buffer, at, end);
      if (behind === UNFINISHED) return at;
      if (behind < 0) {
        const message = `backend ${this.address} does not speak the Redis protocol`;
        throw new BackendError(message, 'UNREACHABLE', this.address);
      }
      if (buffer[at] === 0x2d) {
        const text = buffer.toString('utf8', at + 1, behind - 2);
        const message = `backend ${this.address} refused ${this.steps[this.answered]!}: ${text}`;
        throw new BackendError(message, kindOfText(text), this.address);
      }
      this.answered++;
      at = behind;
    }
    return at;
  }
}
