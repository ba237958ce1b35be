import { InvalidRequestError } from './errors.js';

/** The members that may be asked; one is, until it cannot be reached. */
export class Endpoints {
  readonly count: number;
  private readonly urls: readonly URL[];
  private index = 0;

  constructor(url: string | readonly string[]) {
    this.urls = (typeof url === 'string' ? [url] : url).map(graphqlUrl);
    this.count = this.urls.length;
    if (this.count === 0) throw new InvalidRequestError('INVALID_URL', 'The client needs at least one url.');
  }

  /** Where queries and mutations go. */
  get http(): string {
    return this.current.href;
  }

  /** Where subscriptions go. */
  get websocket(): string {
    return this.current.href.replace(/^http/, 'ws');
  }

  /** Takes the next, unless somebody has done so since. */
  moveOn(from: string): void {
    if (from === this.http || from === this.websocket) this.index = (this.index + 1) % this.count;
  }

  private get current(): URL {
    return this.urls[this.index] as URL;
  }
}

function graphqlUrl(text: string): URL {
  const page = (globalThis as { location?: { href: string } }).location;
  const url = parse(text === '' ? '/' : text, page?.href);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new InvalidRequestError(
      'INVALID_URL',
      `"${text}" is not the URL of a member; it looks like http://127.0.0.1:4000.`,
    );
  }
  url.pathname = `${url.pathname.replace(/\/$/, '')}/graphql`;
  url.search = url.hash = '';
  return url;
}

function parse(text: string, base: string | undefined): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
