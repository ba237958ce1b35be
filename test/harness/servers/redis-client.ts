import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** Encodes a request as an array of bulk strings. */
export function command(...words: readonly (string | Buffer)[]): Buffer {
  return commandOf(words);
}

/** As `command`, for more words than a call may have arguments. */
export function commandOf(words: readonly (string | Buffer)[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${words.length}\r\n`)];
  for (const word of words) {
    const bytes = typeof word === 'string' ? Buffer.from(word) : word;
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
  }
  return Buffer.concat(parts);
}

/**
 * The offset behind the RESP2 reply at `from`; or, negative, how long the bytes must at least be before it
 * makes sense to ask again. Written for clarity, by recursion, so that it can be compared with the one under
 * test.
 */
export function replyEnd(bytes: Buffer, from: number): number {
  const lineEnd = bytes.indexOf('\r\n', from);
  if (lineEnd === -1) return -(bytes.length + 1);
  const type = String.fromCharCode(bytes[from]!);
  const behind = lineEnd + 2;
  if ('+-:'.includes(type)) return behind;
  const length = Number(bytes.toString('latin1', from + 1, lineEnd));
  if (length < 0) return behind;
  if (type === '$') {
    const end = behind + length + 2;
    return end <= bytes.length ? end : -end;
  }
  if (type !== '*')
    throw new Error(`Not a reply: ${JSON.stringify(bytes.toString('latin1', from, from + 40))}`);
  let at = behind;
  for (let i = 0; i < length && at >= 0; i++) at = replyEnd(bytes, at);
  return at;
}

interface Waiter {
  readonly resolve: (reply: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/** A client that shows the very bytes of replies. */
export class RespClient {
  /** Resolves when the connection has been closed by either side. */
  readonly closed: Promise<void>;
  private chunks: Buffer[] = [];
  private buffered: Buffer = Buffer.alloc(0);
  private received = 0;
  private needed = 1;
  private waiters: Waiter[] = [];
  private ended = false;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => this.take(chunk));
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.ended = true;
        for (const { reject } of this.waiters.splice(0)) reject(new Error('The connection was closed.'));
        resolve();
      });
    });
  }

  static async connect(port: number): Promise<RespClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new RespClient(socket);
  }

  send(bytes: Buffer | string): void {
    this.socket.write(bytes);
  }

  /** The bytes of the next reply. */
  read(): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (this.ended) reject(new Error('The connection was closed.'));
      this.waiters.push({ resolve, reject });
      this.serve();
    });
  }

  async readMany(count: number): Promise<Buffer[]> {
    const replies: Promise<Buffer>[] = [];
    for (let i = 0; i < count; i++) replies.push(this.read());
    return Promise.all(replies);
  }

  async askBytes(...words: readonly (string | Buffer)[]): Promise<Buffer> {
    const reply = this.read();
    this.send(commandOf(words));
    return reply;
  }

  /** Sends a command and gives its reply as it is on the wire, without the last line end. */
  async ask(...words: readonly (string | Buffer)[]): Promise<string> {
    return this.askList(words);
  }

  /** As `ask`, for more words than a call may have arguments. */
  async askList(words: readonly (string | Buffer)[]): Promise<string> {
    const reply = this.read();
    this.send(commandOf(words));
    return (await reply).toString('latin1').replace(/\r\n$/, '');
  }

  close(): void {
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.received += chunk.length;
    this.serve();
  }

  private serve(): void {
    if (this.waiters.length === 0 || this.received < this.needed) return;
    if (this.chunks.length > 0) this.buffered = Buffer.concat([this.buffered, ...this.chunks]);
    this.chunks = [];
    let at = 0;
    this.needed = 1;
    while (this.waiters.length > 0 && at < this.buffered.length) {
      const end = replyEnd(this.buffered, at);
      if (end < 0) {
        this.needed = -end - at;
        break;
      }
      this.waiters.shift()!.resolve(this.buffered.subarray(at, end));
      at = end;
    }
    this.buffered = this.buffered.subarray(at);
    this.received = this.buffered.length;
  }
}
