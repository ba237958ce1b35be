import { readFileSync } from 'node:fs';

/** Events that a real server sent, in their order; artificial ones and heartbeats among them. */
export function fixtureEvents(name: string): Buffer[] {
  const file = new URL(`../../fixtures/binlog/${name}.txt`, import.meta.url);
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => Buffer.from(line, 'hex'));
}
