import { isFree } from '../../test/harness/servers/ports.js';

/** That port, or the next that is free. */
export async function freeFrom(port: number): Promise<number> {
  for (let at = port; at < port + 100; at++) if (await isFree(at)) return at;
  throw new Error(`None of the ports from ${port} to ${port + 99} is free; choose another with --port.`);
}
