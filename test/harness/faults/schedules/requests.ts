import { slotOfKey } from '../../../../src/redis/key-slot.js';
import type { Command, HistoryLog, PendingOperation, Reply } from '../../checkers/history/history.js';
import type { RespClient } from '../../servers/redis-client.js';
import type { Random } from '../../random.js';
import { elementsOf, isError, isNotExecuted, replyOf, togetherOf } from './replies.js';

/** A request that got no proper reply. */
export interface FailedRequest {
  readonly client: string;
  readonly proxy: number;
  readonly slots: readonly number[];
  readonly sentAtMs: number;
  readonly failedAtMs: number;
  readonly reason: string;
}

/** Kept apart from keys by its brackets; all of its keys are always written together. */
export const TAG_PARTS = ['a', 'b', 'c'];

export interface Client {
  readonly name: string;
  readonly database: number;
  /** Keeps to slots that do not move, so that it shows whether traffic goes on while others are held. */
  readonly isSteady: boolean;
  readonly random: Random;
  proxy: number;
  connection: RespClient | null;
  /** Whether its connection is about to be closed by itself: what fails then has not failed. */
  isLeaving: boolean;
  sequence: number;
}

/** Sends what clients ask for, and logs what came of it. */
export class Requests {
  readonly failed: FailedRequest[] = [];
  /** Those that were answered, by proxy and by whether the client keeps to slots that do not move. */
  readonly answered: { steady: number; roaming: number }[];

  constructor(
    private readonly log: HistoryLog,
    proxies: number,
  ) {
    this.answered = Array.from({ length: proxies }, () => ({ steady: 0, roaming: 0 }));
  }

  one(client: Client, connection: RespClient, key: string, command: Command): Promise<boolean> {
    const words =
      'value' in command
        ? [command.kind.toUpperCase(), key, command.value]
        : [command.kind.toUpperCase(), key];
    return this.request(client, connection, key, command, words, replyOf);
  }

  tagged(client: Client, connection: RespClient, tag: string, command: Command): Promise<boolean> {
    const keys = TAG_PARTS.map((part) => tag + part);
    if (command.kind === 'set') {
      const words = ['MSET', ...keys.flatMap((key) => [key, command.value])];
      return this.request(client, connection, tag, command, words, replyOf);
    }
    return command.kind === 'get'
      ? this.request(client, connection, tag, command, ['MGET', ...keys], togetherOf)
      : this.request(client, connection, tag, command, ['DEL', ...keys], (reply) =>
          reply === ':3' ? 1 : replyOf(reply),
        );
  }

  /** A command over several slots: as many operations at the same time, each of which may fail by itself. */
  async several(
    client: Client,
    connection: RespClient,
    names: readonly string[],
    commands: readonly Command[],
  ): Promise<boolean> {
    const { log } = this;
    const { proxy } = client;
    const pending = names.map((name, i) =>
      log.invoke(client.name, `${client.database}/${name}`, commands[i]!),
    );
    const failAll = (reason: string): false => this.fail(client, proxy, names, pending, reason, false);
    const pairs = commands.flatMap((command, i) => ('value' in command ? [names[i]!, command.value] : []));
    const words = pairs.length > 0 ? ['MSET', ...pairs] : ['MGET', ...names];
    let reply: string;
    try {
      reply = await connection.askList(words);
    } catch (error) {
      return failAll(String(error));
    }
    if (isError(reply)) return failAll(reply);
    const replies = pairs.length > 0 ? names.map(() => replyOf(reply)) : elementsOf(reply);
    for (const [i, each] of pending.entries()) log.answered(each, replies[i]!);
    return true;
  }

  private async request(
    client: Client,
    connection: RespClient,
    name: string,
    command: Command,
    words: readonly string[],
    parse: (reply: string) => Reply,
  ): Promise<boolean> {
    const { log } = this;
    // A client that is losing its patience is sent elsewhere before it fails.
    const { proxy } = client;
    const pending = log.invoke(client.name, `${client.database}/${name}`, command);
    let reply: string;
    try {
      reply = await connection.askList(words);
    } catch (error) {
      return this.fail(client, proxy, [name], [pending], String(error), false);
    }
    if (isError(reply)) {
      return this.fail(client, proxy, [name], [pending], reply, isNotExecuted(reply));
    }
    log.answered(pending, parse(reply));
    const counts = this.answered[proxy]!;
    if (client.isSteady) counts.steady++;
    else counts.roaming++;
    return true;
  }

  private fail(
    client: Client,
    proxy: number,
    names: readonly string[],
    pending: readonly PendingOperation[],
    reason: string,
    wasNotExecuted: boolean,
  ): false {
    const { log } = this;
    if (!wasNotExecuted) for (const each of pending) log.unknown(each);
    if (client.isLeaving) return false;
    this.failed.push({
      client: client.name,
      proxy,
      slots: names.map(slotOf),
      sentAtMs: pending[0]!.invokedAtMs,
      failedAtMs: log.nowMs,
      reason,
    });
    return false;
  }
}

export function slotOf(name: string): number {
  return slotOfKey(Buffer.from(name));
}
