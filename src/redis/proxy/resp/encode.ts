const CRLF = Buffer.from('\r\n');

/** A request as an array of bulk strings. */
export function encodeCommand(words: readonly (string | Uint8Array)[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`*${words.length}\r\n`)];
  for (const word of words) {
    const bytes = typeof word === 'string' ? Buffer.from(word) : word;
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, CRLF);
  }
  return Buffer.concat(parts);
}

/** `+text`; the text must have no line break. */
export function simple(text: string): Buffer {
  return Buffer.from(`+${text}\r\n`);
}

/**
 * `-text`. Line breaks would end the reply early and put the stream out of step, so they become blanks.
 *
 * @param encoding latin1 for a text that repeats bytes of a request, which were read as that
 */
export function error(text: string, encoding: 'utf8' | 'latin1' = 'utf8'): Buffer {
  return Buffer.from(`-${text.replace(/[\r\n]+/g, ' ')}\r\n`, encoding);
}

export function integer(value: number): Buffer {
  return Buffer.from(`:${value}\r\n`);
}

export function bulk(value: string | Uint8Array): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), bytes, CRLF]);
}

/** An array of replies that are encoded already. */
export function array(items: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.from(`*${items.length}\r\n`), ...items]);
}

export const OK = simple('OK');
export const NULL_BULK = Buffer.from('$-1\r\n');
export const NULL_ARRAY = Buffer.from('*-1\r\n');
export const EMPTY_ARRAY = array([]);
