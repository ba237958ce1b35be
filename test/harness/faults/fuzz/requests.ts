import { commandOf } from '../../servers/redis-client.js';
import type { Random } from '../../random.js';

const NAMES = [
  ...['GET', 'SET', 'APPEND', 'STRLEN', 'GETRANGE', 'SETRANGE', 'INCRBY', 'GETEX', 'SETEX', 'BITCOUNT'],
  ...['MGET', 'MSET', 'DEL', 'EXISTS', 'TOUCH', 'UNLINK', 'RENAME', 'COPY', 'LCS'],
  ...['HSET', 'HGETALL', 'HSCAN', 'HINCRBY', 'LPUSH', 'LRANGE', 'LMPOP', 'RPOPLPUSH', 'SADD', 'SINTERCARD'],
  ...['SUNIONSTORE', 'ZADD', 'ZRANGE', 'ZUNIONSTORE', 'ZMPOP', 'GEORADIUS', 'GEOSEARCHSTORE', 'PFMERGE'],
  ...[
    'XADD',
    'XREAD',
    'XREADGROUP',
    'XGROUP',
    'XINFO',
    'SORT',
    'EVAL',
    'EVALSHA',
    'FCALL',
    'OBJECT',
    'MEMORY',
  ],
  ...['PING', 'ECHO', 'TIME', 'COMMAND', 'CONFIG', 'CLIENT', 'INFO', 'HELLO', 'AUTH', 'RESET', 'DBSIZE'],
  ...[
    'SUBSCRIBE',
    'MULTI',
    'EXEC',
    'WATCH',
    'KEYS',
    'SCAN',
    'FLUSHALL',
    'MIGRATE',
    'RESTORE',
    'DUMP',
    'WAIT',
  ],
  ...['BLPOP', 'MONITOR', 'DEBUG', 'SHUTDOWN', 'REPLICAOF', 'CLUSTER', 'SCRIPT', 'MSETNX', 'NOSUCHCOMMAND'],
];
const WORDS = [
  '0',
  '1',
  '2',
  '-1',
  '*',
  '(',
  '[a',
  'COUNT',
  'STREAMS',
  'STORE',
  'KEYS',
  'LIMIT',
  'GET',
  'NX',
  '10',
];
const ODD_NUMBERS = [
  '0',
  '-1',
  '-2',
  '',
  '00',
  '1a',
  '99999999999999999999',
  '2147483648',
  '536870913',
  '1048577',
];

/** A request as a client that is not quite right in the head might mean it. */
export function randomRequest(random: Random): Buffer {
  const words: (string | Buffer)[] = [random.pick(NAMES)];
  const count = random.below(random.below(20) === 0 ? 60 : 6);
  for (let i = 0; i < count; i++) words.push(randomWord(random));
  if (random.below(12) > 0) return commandOf(words);
  // By hand; bytes that end a line or open a quote would make it another number of requests, and so would a
  // line that is too long.
  const typed = words.filter((word) => typeof word === 'string' && word.length < 1_000).slice(0, 6);
  return Buffer.from(`${typed.join(' ')}\r\n`);
}

function randomWord(random: Random): string | Buffer {
  switch (random.below(6)) {
    case 0:
      return random.pick(WORDS);
    case 1:
      return `{tag${random.below(3)}}${random.below(50)}`;
    case 2:
      return Buffer.from(Array.from({ length: random.below(40) }, () => random.below(256)));
    case 3:
      return random.below(50) === 0 ? 'v'.repeat(random.below(200_000)) : 'v'.repeat(random.below(200));
    default:
      return `fuzz:${random.below(500)}`;
  }
}

/** The same bytes with a few of them changed, lost, doubled or put in. */
export function mutate(random: Random, bytes: Buffer): Buffer {
  let mutated = bytes;
  for (let changes = 1 + random.below(3); changes > 0; changes--) {
    const at = random.below(mutated.length + 1);
    const length = random.below(8);
    const [before, after] = [mutated.subarray(0, at), mutated.subarray(at)];
    switch (random.below(6)) {
      case 0:
        mutated = Buffer.concat([before, after.subarray(length)]);
        break;
      case 1:
        mutated = Buffer.concat([before, after.subarray(0, length), after]);
        break;
      case 2:
        mutated = Buffer.concat([before, Buffer.from([random.below(256)]), after.subarray(1)]);
        break;
      case 3:
        mutated = Buffer.concat([
          before,
          Buffer.from(random.pick(['\r\n', '$', '*', ':', '-', '+', '\0', ' '])),
          after,
        ]);
        break;
      case 4:
        mutated = withOddLength(random, mutated);
        break;
      default:
        mutated = before;
    }
  }
  return mutated;
}

/** One of the lengths that RESP announces is another. */
function withOddLength(random: Random, bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  const lengths = [...text.matchAll(/[$*]-?\d+\r\n/g)];
  if (lengths.length === 0) return bytes;
  const { index, 0: whole } = random.pick(lengths);
  const changed = `${whole[0]}${random.pick(ODD_NUMBERS)}\r\n`;
  return Buffer.from(text.slice(0, index) + changed + text.slice(index + whole.length), 'latin1');
}

/** The bytes in pieces, cut anywhere. */
export function cut(random: Random, bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = random.below(4) === 0 ? 1 + random.below(5) : 1 + random.below(bytes.length - at);
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}
