import { ReplyError, type Redis } from 'ioredis';
import { QuorateError } from '../../common/errors.js';
import type { Endpoint } from '../routing-table.js';
import { withClient } from '../server-client.js';

const OURS = { connectionName: 'quorate-rehearsal' };

/** Clients call functions by their keys: where the keys go, the functions have to be. */
export class FunctionsMissingError extends QuorateError {
  constructor(source: Endpoint, target: Endpoint, libraries: readonly string[]) {
    super(
      'FUNCTIONS_MISSING',
      `${source.address} has function libraries that ${target.address} does not have, or has with other code: ` +
        `${libraries.join(', ')}. FCALL would fail for every key that moves. Load them there first with FUNCTION LOAD REPLACE, ` +
        'or remove them at the source when nobody calls them.',
    );
  }
}

/** @throws FunctionsMissingError, and what withClient throws */
export async function requireFunctions(source: Endpoint, target: Endpoint): Promise<void> {
  const [here, there] = await Promise.all([librariesOf(source), librariesOf(target)]);
  const missing = [...here].filter(([name, code]) => there.get(name) !== code).map(([name]) => name);
  if (missing.length > 0) throw new FunctionsMissingError(source, target, missing);
}

/** By name, the code; empty where functions are not known (before Redis 7) or may not be looked at. */
function librariesOf(server: Endpoint): Promise<Map<string, string>> {
  return withClient(server, OURS, async (client: Redis) => {
    try {
      const libraries = (await client.call('FUNCTION', 'LIST', 'WITHCODE')) as unknown[][];
      return new Map(
        libraries.map((fields) => [textOf(fields, 'library_name'), textOf(fields, 'library_code')]),
      );
    } catch (error) {
      if (error instanceof ReplyError) return new Map<string, string>();
      throw error;
    }
  });
}

/** A map in RESP2 is a list of names and values in turn. */
function textOf(fields: readonly unknown[], name: string): string {
  return String(fields[fields.indexOf(name) + 1]);
}
