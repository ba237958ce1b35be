import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { checksums } from '../../checkers/mysql/checksum.js';
import { until } from '../../until.js';
import type { ChaosCluster } from './chaos-cluster.js';
import type { ChaosMember } from './chaos-member.js';
import { countRows } from './confirming-writer.js';

const PATIENCE_MS = 120_000;

/** Rejects with what is not as it must be when all is mended and nothing is written any more. */
export async function judge({ members, source, replicas }: ChaosCluster, confirmed: number): Promise<void> {
  for (const { name, api } of members) {
    if (!api.process.isRunning) throw new Error(`${name} has ended by itself:\n${api.process.output}`);
    await api.ready();
  }
  const executed = await source.gtidExecuted();
  const expected = await checksums(source);
  for (const replica of replicas) {
    await replica.replication.reach(executed, PATIENCE_MS);
    const found = await checksums(replica);
    if (!isDeepStrictEqual(found, expected)) throw new Error('A replica has other rows than the source.');
    const rows = await countRows(replica);
    if (rows < confirmed) throw new Error(`${confirmed} rows were confirmed, a replica has ${rows}.`);
  }
  await until('all members have the same commit', async () => {
    const ends = await Promise.all(members.map(endOf));
    return new Set(ends).size === 1;
  });
  const [first, ...others] = members.map(segmentsOf);
  for (const other of others) {
    const bad = [...first!.keys()].find(
      (name) => other.has(name) && !other.get(name)!.equals(first!.get(name)!),
    );
    if (bad !== undefined) throw new Error(`${bad} is not the same at all members.`);
    if (!isDeepStrictEqual([...other.keys()].slice(-1), [...first!.keys()].slice(-1)))
      throw new Error('Not all members have the same last segment.');
  }
}

async function endOf({ name, api }: ChaosMember): Promise<string> {
  const { member } = await api.run<{ member: { journalOffset: string; committedOffset: string } }>(
    `{ member(name: "${name}") { journalOffset committedOffset } }`,
  );
  return `${member.journalOffset} ${member.committedOffset}`;
}

/** A member that came again has no segments from before the journal's start. */
function segmentsOf({ journalDirectory }: ChaosMember): Map<string, Buffer> {
  const names = readdirSync(journalDirectory).filter((name) => /\.\d+$/.test(name));
  return new Map(names.sort().map((name) => [name, readFileSync(join(journalDirectory, name))]));
}
