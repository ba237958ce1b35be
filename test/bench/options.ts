import { parseArgs } from 'node:util';

/** What the command line may say of any benchmark. */
export interface BenchmarkOptions {
  /** How many members the cluster has. */
  readonly members: number;
}

export function readOptions(args: readonly string[]): BenchmarkOptions {
  const { values } = parseArgs({
    args: [...args],
    options: { members: { type: 'string', default: '1' } },
  });
  return { members: Number(values.members) };
}
