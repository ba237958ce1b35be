import { cpSync, openSync, readFileSync, rmSync, writeSync, closeSync, appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { RandomSource, setOf } from '../../harness/binlog/history.js';
import {
  cleanJournals,
  closeJournal,
  filledJournal,
  journalDirectory,
} from '../../harness/servers/binlog/journals.js';
import { launchQuorate } from '../../harness/servers/quorate.js';
import { Random } from '../../harness/random.js';

afterEach(cleanJournals);

async function verify(directory: string): Promise<{ code: unknown; output: string }> {
  const child = launchQuorate(['journal', 'verify', directory]);
  return { code: await child.exited, output: child.output };
}

function flip(path: string, at: number): void {
  const byte = readFileSync(path)[at]!;
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.from([byte ^ 1]), 0, 1, at);
  closeSync(file);
}

describe('quorate journal verify', () => {
  test('passes a sound journal, and names every damage of another, with file and offset', async () => {
    const source = new RandomSource('MYSQL', new Random(41));
    const all = source.transactions(150);
    const directory = journalDirectory();
    const { journal } = await filledJournal(directory, source, all, 10_000);
    const names = journal.segments().map(({ name }) => name);
    await closeJournal(journal);
    const sound = await verify(directory);
    expect(sound.output).toContain(`${names.length} segments, ${journal.endOffset} bytes, 0 problems`);
    expect(sound.output).toContain(`GTIDs: ${setOf('MYSQL', all)}`);
    expect(sound.code).toBe(0);

    const damaged = journalDirectory();
    cpSync(directory, damaged, { recursive: true });
    const path = (i: number): string => join(damaged, names[i]!);
    flip(path(0), 5000);
    rmSync(path(2));
    flip(path(4), 30);
    rmSync(`${path(6)}.index`);
    appendFileSync(path(names.length - 1), source.transaction().bytes.subarray(0, 90));
    const { code, output } = await verify(damaged);
    expect(code).toBe(1);
    expect(output).toMatch(new RegExp(`${names[0]} at byte 4\\d\\d\\d: .*checksum`));
    expect(output).toContain(`${names[2]}: the file is missing`);
    expect(output).toContain(`${names[4]} at byte 4: The checksum of a FORMAT_DESCRIPTION event is wrong.`);
    expect(output).toContain(
      `${names[6]}: its index is missing or damaged (mended when the journal is opened)`,
    );
    expect(output).toMatch(
      new RegExp(`${names.at(-1)!} at byte \\d+: The last event is not whole. \\(mended`),
    );
    expect(output).toContain(' 3 problems');
  });

  test('says when there is none', async () => {
    const directory = journalDirectory();
    expect(await verify(directory)).toEqual({
      code: 1,
      output: `quorate: There is no journal in ${directory}.`,
    });
  });
});
