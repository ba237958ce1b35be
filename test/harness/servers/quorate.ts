import { join } from 'node:path';
import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Answer, Subscription } from '../generated/answers.js';
import { freePort } from './ports.js';
import { testHost, type Host } from './host.js';
import { untilReady, type ProcessOptions, type TestProcess } from './process.js';

/** Built before the tests begin, see build.ts. */
const MAIN = new URL('../../../dist/main.js', import.meta.url).pathname;

/** A `quorate` command. */
export function launchQuorate(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  onLine?: (line: string) => void,
): TestProcess {
  return testHost.launch('quorate', programOptions(args, env, onLine));
}

function programOptions(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  onLine?: (line: string) => void,
  program = MAIN,
): ProcessOptions {
  return {
    command: process.execPath,
    args: [program, ...args],
    env: { ...process.env, ...env },
    ...(onLine && { onLine }),
  };
}

export interface MemberOptions {
  readonly name?: string;
  readonly etcd?: readonly string[];
  readonly dataDir?: string;
  readonly secretKey?: string;
  readonly proxy?: boolean;
  /** Whether it names itself, over etcd; unless told, it does. */
  readonly joins?: boolean;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly token?: string;
  readonly port?: number;
  /** Called with each line that it writes. */
  readonly onLine?: (line: string) => void;
  readonly host?: Host;
}

export interface GraphqlAnswer<T> {
  readonly data?: T | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: Record<string, unknown> }[];
}

/** A real `quorate serve` process on ports and a directory of its own. */
export class QuorateMember {
  private constructor(
    readonly name: string,
    readonly port: number,
    readonly proxyPort: number | null,
    readonly dataDir: string,
    readonly process: TestProcess,
    private readonly token: string | undefined,
  ) {}

  static async start(options: MemberOptions = {}): Promise<QuorateMember> {
    const member = await QuorateMember.launch(options);
    await member.ready();
    return member;
  }

  /** Does not wait until it is ready. */
  static async launch(options: MemberOptions = {}): Promise<QuorateMember> {
    const { host = testHost, name = 'm1' } = options;
    const port = options.port ?? (await freePort());
    const proxyPort = options.proxy === true ? await freePort() : null;
    const dataDir = options.dataDir ?? host.directory('member');
    const args = [
      'serve',
      ...['--name', name, '--listen', `127.0.0.1:${port}`, '--data-dir', dataDir],
      ...(proxyPort === null ? [] : ['--proxy-listen', `127.0.0.1:${proxyPort}`]),
      ...(options.etcd ? ['--etcd', options.etcd.join(','), '--peer-listen', '127.0.0.1:0'] : []),
      ...(options.etcd && options.joins !== false ? ['--join'] : []),
      ...(options.secretKey === undefined ? [] : ['--secret-key', options.secretKey]),
      ...(options.args ?? []),
    ];
    const process = host.launch(name, programOptions(args, options.env, options.onLine));
    return new QuorateMember(name, port, proxyPort, dataDir, process, options.token);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get secretKey(): string {
    return join(this.dataDir, 'secret.key');
  }

  async ready(): Promise<void> {
    await untilReady(this.process, async () => {
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
      return answer?.ok === true;
    });
  }

  /** One request; the whole answer, errors included. */
  async ask<T = Answer>(query: string, variables: Record<string, unknown> = {}): Promise<GraphqlAnswer<T>> {
    const answer = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    return (await answer.json()) as GraphqlAnswer<T>;
  }

  /** The data of one request; throws when there are errors, or user errors in any field of it. */
  async run<T extends object = Answer>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const { data, errors } = await this.ask<T>(query, variables);
    if (errors || !data) throw new Error(`${query}: ${JSON.stringify(errors)}`);
    for (const [field, value] of Object.entries(data)) {
      const refusals = (value as { userErrors?: unknown[] } | null)?.userErrors;
      if (refusals && refusals.length > 0)
        throw new Error(`${field} was refused: ${JSON.stringify(refusals)}`);
    }
    return data;
  }

  /** A client for subscriptions; dispose of it at the end. */
  websocket(): Client {
    return createClient({
      url: `ws://127.0.0.1:${this.port}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      ...(this.token === undefined ? {} : { connectionParams: { authorization: `Bearer ${this.token}` } }),
    });
  }

  /** Events of a subscription until the predicate holds for one; that one included. */
  async follow<T = Subscription>(
    query: string,
    until: (event: T) => boolean,
    variables: Record<string, unknown> = {},
  ): Promise<T[]> {
    const client = this.websocket();
    const events: T[] = [];
    try {
      for await (const { data, errors } of client.iterate<T>({ query, variables })) {
        if (errors || !data) throw new Error(`${query}: ${JSON.stringify(errors)}`);
        events.push(data);
        if (until(data)) break;
      }
      return events;
    } finally {
      await client.dispose();
    }
  }

  async stop(): Promise<number | NodeJS.Signals | null> {
    await this.process.end('SIGTERM');
    return this.process.exited;
  }

  async kill(): Promise<void> {
    await this.process.end('SIGKILL');
  }
}

export interface ProxyOptions {
  readonly name: string;
  readonly etcd: readonly string[];
  readonly secretKey: string;
  readonly port?: number;
  readonly args?: readonly string[];
  /** Called with each line that it writes. */
  readonly onLine?: (line: string) => void;
  /** Another program than the one that was built before the tests begin. */
  readonly program?: string;
  readonly host?: Host;
}

/** A real `quorate proxy` process. */
export class QuorateProxy {
  private constructor(
    readonly name: string,
    readonly port: number,
    readonly process: TestProcess,
  ) {}

  static async start(options: ProxyOptions): Promise<QuorateProxy> {
    const port = options.port ?? (await freePort());
    let serving: () => void = () => undefined;
    const ready = new Promise<void>((resolve) => (serving = resolve));
    const onLine = (line: string): void => {
      options.onLine?.(line);
      if (line.includes('serves Redis clients')) serving();
    };
    const args = [
      ...['proxy', '--name', options.name, '--listen', `127.0.0.1:${port}`],
      ...['--etcd', options.etcd.join(','), '--secret-key', options.secretKey, ...(options.args ?? [])],
    ];
    const { host = testHost, program } = options;
    const process = host.launch(options.name, programOptions(args, {}, onLine, program));
    const ended = process.exited.then(() => {
      throw new Error(`The proxy ended:\n${process.output}`);
    });
    await Promise.race([ready, ended]);
    ended.catch(() => undefined);
    return new QuorateProxy(options.name, port, process);
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  async stop(): Promise<number | NodeJS.Signals | null> {
    await this.process.end('SIGTERM');
    return this.process.exited;
  }

  async kill(): Promise<void> {
    await this.process.end('SIGKILL');
  }
}
