import type { PayloadSink } from './packet-stream.js';

const ERR = 0xff;
const EOF = 0xfe;
const NULL = 0xfb;

/** An error that the server sent. */
export class ServerError extends Error {
  constructor(
    readonly code: number,
    readonly sqlState: string,
    readonly text: string,
  ) {
    super(`${code} (${sqlState}): ${text}`);
  }

  /** @param payload with the byte that says that it is an error */
  static read(payload: Buffer): ServerError {
    const code = payload.readUInt16LE(1);
    return payload[3] === 0x23
      ? new ServerError(code, payload.toString('latin1', 4, 9), payload.toString('utf8', 9))
      : new ServerError(code, '', payload.toString('utf8', 3));
  }
}

/** Whole payloads, for the caller that waits for them. */
export class Answers implements PayloadSink {
  private readonly parts: Buffer[] = [];
  private readonly ready: Buffer[] = [];
  private waiting: { resolve: (payload: Buffer) => void; reject: (error: Error) => void } | null = null;
  private failure: Error | null = null;

  begin(): void {
    this.parts.length = 0;
  }

  bytes(chunk: Buffer, start: number, end: number): void {
    this.parts.push(Buffer.from(chunk.subarray(start, end)));
  }

  end(): void {
    const payload = Buffer.concat(this.parts);
    if (this.waiting === null) this.ready.push(payload);
    else this.waiting.resolve(payload);
    this.waiting = null;
  }

  fail(error: Error): void {
    this.failure = error;
    this.waiting?.reject(error);
    this.waiting = null;
  }

  next(): Promise<Buffer> {
    const payload = this.ready.shift();
    if (payload !== undefined) return Promise.resolve(payload);
    if (this.failure !== null) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
    });
  }

  /** The answer to a query: its rows, none for OK. Text protocol, with the EOF between columns and rows. */
  async rows(): Promise<(string | null)[][]> {
    const first = await this.next();
    if (first[0] === ERR) throw ServerError.read(first);
    if (first[0] === 0) return [];
    while (!isEof(await this.next()));
    const rows: (string | null)[][] = [];
    for (;;) {
      const payload = await this.next();
      if (payload[0] === ERR) throw ServerError.read(payload);
      if (isEof(payload)) return rows;
      rows.push(readRow(payload));
    }
  }
}

export function isEof(payload: Buffer): boolean {
  return payload[0] === EOF && payload.length < 9;
}

function readRow(payload: Buffer): (string | null)[] {
  const values: (string | null)[] = [];
  for (let at = 0; at < payload.length;) {
    const first = payload[at++]!;
    if (first === NULL) {
      values.push(null);
      continue;
    }
    const size = first < NULL ? 0 : first === 0xfc ? 2 : 3;
    const length = size === 0 ? first : payload.readUIntLE(at, size);
    at += size + length;
    values.push(payload.toString('utf8', at - length, at));
  }
  return values;
}
