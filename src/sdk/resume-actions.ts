import type { Resumption } from './watch.js';

/**
 * Follows the action feed from the last action seen. Before any was seen there is nothing to go on from but the
 * revision at which it all began: without it, of the actions during a break only the newest would come.
 * @param now the revision of the coordinator
 */
export function resumeActions(now: () => Promise<string>): Resumption {
  let begin: string | null = null;
  let last = -1n;
  return {
    prepare: async (variables) => {
      if (variables['afterRevision'] != null) last = BigInt(variables['afterRevision'] as string | number);
      else if (begin === null) begin = await now();
      else variables['afterRevision'] = begin;
    },
    take: (value, variables) => {
      const { revision } = value as { revision: string };
      if (BigInt(revision) <= last) return false;
      last = BigInt(revision);
      variables['afterRevision'] = revision;
      return true;
    },
  };
}
