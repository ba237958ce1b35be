import { errorMessage, QuorateError } from '../common/errors.js';

/** No answer is as large. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

export interface AskOptions {
  readonly token: string | undefined;
  readonly timeoutMs: number;
  /** With one, it is posted, or put. */
  readonly body?: unknown;
  readonly method?: 'POST' | 'PUT';
}

/** Asks a process of the cluster something that is no GraphQL. Rejects with what it says is wrong. */
export async function askJson(
  url: URL,
  { token, timeoutMs, body, method = 'POST' }: AskOptions,
): Promise<unknown> {
  const asked = fetch(url, {
    ...(body !== undefined && { method, body: JSON.stringify(body) }),
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    signal: AbortSignal.timeout(timeoutMs),
  });
  const answer = await asked.catch((error: unknown) => refuseSilent(url, error));
  const text = await boundedText(answer);
  if (answer.ok) return parse(text);
  throw new QuorateError('UNREACHABLE', `${url.origin} answered ${answer.status}: ${messageIn(text)}`);
}

/** What is wrong stands in the cause of what fetch throws. */
function refuseSilent({ origin }: URL, error: unknown): never {
  const { cause = error } = error as { cause?: unknown };
  throw new QuorateError('UNREACHABLE', `${origin} does not answer: ${errorMessage(cause)}`, {
    cause: error,
  });
}

async function boundedText(answer: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += piece.length;
    if (bytes > MAX_ANSWER_BYTES)
      throw new QuorateError('UNREACHABLE', `The answer of ${answer.url} is too long.`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function messageIn(text: string): string {
  const { message } = (parse(text) ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message : text.slice(0, 200);
}

/** Undefined when it is no JSON, as an answer of who does not know the question. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
