import { RespClient, command, replyEnd } from '../../servers/redis-client.js';
import type { Random } from '../../random.js';
import { cut, mutate, randomRequest } from './requests.js';

const PATIENCE_MS = 20;

/** What a fuzzing client saw. */
export interface FuzzReport {
  requests: number;
  /** The replies to all echoes that were ever asked for. */
  readonly nonces: Set<string>;
  /** Replies that are no RESP2. */
  malformed: string[];
  /** Replies that were not the ones to the requests sent, as far as that is known. */
  misplaced: string[];
  /** Connections that the proxy closed, having found out. */
  closed: number;
}

/**
 * Sends random requests, some of them mutated, cut anywhere. After a batch that is whole it asks for an echo
 * that nobody else asks for: it must come, and exactly behind as many replies as there were requests. A
 * mutated batch may make the proxy close the connection, or wait for more for ever; then it starts again.
 */
export async function fuzz(
  port: number,
  random: Random,
  requests: number,
  report: FuzzReport,
): Promise<void> {
  let client: RespClient | undefined;
  for (let sent = 0; sent < requests;) {
    client ??= await RespClient.connect(port);
    const batch = Array.from({ length: 1 + random.below(40) }, () => randomRequest(random));
    sent += batch.length;
    report.requests += batch.length;
    const mutated = random.below(3) === 0;
    const nonce = `echo-${port}-${random.below(2 ** 31)}`;
    report.nonces.add(echoOf(nonce));
    // A MULTI among them would take the echo along.
    const whole = Buffer.concat([...batch, command('DISCARD'), command('ECHO', nonce)]);
    const bytes = mutated ? mutate(random, whole) : whole;
    for (const piece of random.below(3) === 0 ? cut(random, bytes) : [bytes]) {
      client.send(piece);
      if (random.below(4) === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const outcome = await answer(client, nonce, mutated ? undefined : batch.length + 2, report);
    // What follows the echo in a mutated batch may still be answered.
    if (outcome === 'again' && !mutated) continue;
    if (outcome === 'closed') report.closed++;
    client.close();
    await client.closed;
    client = undefined;
  }
  client?.close();
}

/** @param expected how many replies there must be, the echo included; undefined when that cannot be known */
async function answer(
  client: RespClient,
  nonce: string,
  expected: number | undefined,
  report: FuzzReport,
): Promise<'again' | 'closed' | 'stuck'> {
  let last = '';
  for (let count = 1; ; count++) {
    let reply: Buffer;
    try {
      reply = await (expected === undefined ? withPatience(client.read()) : client.read());
    } catch (error) {
      if (error instanceof OutOfPatience) return 'stuck';
      if (!/closed/.test(String(error))) report.malformed.push(String(error));
      if (expected !== undefined)
        report.misplaced.push(
          `Closed, with ${count - 1} of ${expected} replies, after: ${last.slice(0, 200)}`,
        );
      return 'closed';
    }
    if (replyEnd(reply, 0) !== reply.length) report.malformed.push(reply.toString('latin1', 0, 100));
    const text = reply.toString('latin1');
    last = text;
    const echoed = text === echoOf(nonce);
    if (!echoed && report.nonces.has(text)) report.misplaced.push(text);
    if (expected !== undefined && echoed !== (count === expected)) {
      report.misplaced.push(`Reply ${count} of ${expected}: ${text.slice(0, 200)}`);
      return 'closed';
    }
    if (echoed) return 'again';
  }
}

function echoOf(nonce: string): string {
  return `$${nonce.length}\r\n${nonce}\r\n`;
}

class OutOfPatience extends Error {}

function withPatience<T>(promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new OutOfPatience()), PATIENCE_MS);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
