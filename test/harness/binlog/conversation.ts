import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = new URL('../../fixtures/binlog/conversations/', import.meta.url).pathname;

/** One packet of a recorded conversation. */
export interface RecordedPacket {
  readonly connection: number;
  readonly from: 'client' | 'server';
  readonly sequence: number;
  readonly payload: Buffer;
}

/** A recorded conversation by its name, see the fixtures' README. */
export function conversation(name: string): RecordedPacket[] {
  return readFileSync(join(FOLDER, `${name}.txt`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const [connection, direction, sequence, payload = ''] = line.split(' ');
      return {
        connection: Number(connection),
        from: direction === '>' ? 'client' : 'server',
        sequence: Number(sequence),
        payload: Buffer.from(payload, 'hex'),
      };
    });
}

export const CONVERSATIONS = [
  ...['56-gtid', '97-gtid', '97-semi', '97-tls', 'md-gtid', 'md-semi'],
  ...['cli-56', 'cli-97', 'cli-md', 'tag'],
] as const;
