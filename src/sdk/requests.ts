import type { Endpoints } from './endpoints.js';
import {
  ClosedError,
  OutcomeUnknownError,
  QuorateSdkError,
  RefusedError,
  UnavailableError,
  UnreachableError,
  type Refusal,
} from './errors.js';
import { failureOf, type GraphqlError } from './failures.js';
import type { ClientOptions } from './options.js';

/** One entry of the generated documents. */
export interface Document {
  readonly kind: 'query' | 'mutation' | 'subscription';
  /** The one field that it asks for. */
  readonly field: string;
  readonly text: string;
}

interface Answer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly GraphqlError[];
}

const QUERY_TIMEOUT_MS = 30_000;
const MUTATION_TIMEOUT_MS = 100_000;

/** Failures of a connection that came before anything was sent over it. */
const NEVER_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_.*|ERR_SSL_.*|.*CERT.*|UNABLE_TO_.*)$/;

/** Queries and mutations over HTTP. */
export class Requests {
  private readonly underWay = new Set<AbortController>();
  private closed = false;

  constructor(
    private readonly endpoints: Endpoints,
    private readonly options: ClientOptions,
  ) {}

  /** The value of the one field; asks the next member when one cannot be reached. */
  async send(document: Document, variables: object, signal: AbortSignal | undefined): Promise<unknown> {
    for (let left = this.endpoints.count - 1; ; left--) {
      const url = this.endpoints.http;
      try {
        return await this.ask(url, document, variables, signal);
      } catch (error) {
        if (!isForAnother(error)) throw error;
        this.endpoints.moveOn(url);
        if (left === 0) throw error;
      }
    }
  }

  close(): void {
    this.closed = true;
    for (const controller of this.underWay) controller.abort(new ClosedError());
  }

  private async ask(
    url: string,
    document: Document,
    variables: object,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    if (this.closed) throw new ClosedError();
    signal?.throwIfAborted();
    const isMutation = document.kind === 'mutation';
    const timeoutMs = this.options.timeoutMs ?? (isMutation ? MUTATION_TIMEOUT_MS : QUERY_TIMEOUT_MS);
    const controller = new AbortController();
    const Late = isMutation ? OutcomeUnknownError : UnreachableError;
    const timer = setTimeout(
      () => controller.abort(new Late(`${url} did not answer in ${timeoutMs / 1_000} s.`)),
      timeoutMs,
    );
    const abort = (): void => controller.abort(signal?.reason);
    signal?.addEventListener('abort', abort);
    this.underWay.add(controller);
    try {
      const response = await this.post(url, document, variables, controller.signal);
      return valueOf(document, answerOf(url, response.status, await response.text(), isMutation));
    } catch (error) {
      if (error instanceof QuorateSdkError) throw error;
      if (controller.signal.aborted) throw controller.signal.reason;
      throw connectionFailure(url, error, isMutation);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      this.underWay.delete(controller);
    }
  }

  private post(url: string, { text }: Document, variables: object, signal: AbortSignal): Promise<Response> {
    const { token, fetch = globalThis.fetch } = this.options;
    return fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query: text, variables }),
      signal,
    });
  }
}

/** Whether it is certain that this member has done nothing, while another might. */
function isForAnother(error: unknown): boolean {
  return (
    error instanceof UnreachableError || (error instanceof UnavailableError && error.code === 'NOT_A_MEMBER')
  );
}

function answerOf(url: string, status: number, body: string, isMutation: boolean): Answer {
  const answer = parse(body);
  if (answer) return answer;
  const message = `${url} answered with HTTP status ${status} and no JSON: is it the URL of a member?`;
  throw isMutation && status >= 500 ? new OutcomeUnknownError(message) : new UnreachableError(message);
}

function parse(body: string): Answer | undefined {
  try {
    const answer: unknown = JSON.parse(body);
    return typeof answer === 'object' && answer !== null ? answer : undefined;
  } catch {
    return undefined;
  }
}

/** The value of the field; a refusal is thrown, so that none is taken for success. */
export function valueOf({ kind, field }: Document, { data, errors }: Answer): unknown {
  if (errors || !data) throw failureOf(errors ?? []);
  const value = data[field];
  if (kind !== 'mutation') return value;
  const { userErrors } = value as { userErrors: readonly Refusal[] };
  if (userErrors.length > 0) throw new RefusedError(userErrors);
  return value;
}

function connectionFailure(url: string, error: unknown, isMutation: boolean): QuorateSdkError {
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  const reason = cause?.message || cause?.code || String(error);
  if (isMutation && !NEVER_SENT.test(cause?.code ?? '')) {
    return new OutcomeUnknownError(
      `The connection to ${url} was lost (${reason}): whether the change was made is unknown.`,
      error,
    );
  }
  return new UnreachableError(`${url} cannot be reached: ${reason}.`, error);
}
