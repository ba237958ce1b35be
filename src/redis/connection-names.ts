/**
 * Connections to Redis servers are named after their owner, so that the owner's late commands can be cut off at the
 * server itself (docs/proxy.md, section "Fencing"): `quorate-proxy:<name>:<incarnation>:<n>` for user traffic,
 * `quorate-mover:<epoch>:<member>` for moving keys.
 */
export const PROXY_PREFIX = 'quorate-proxy:';
export const MOVER_PREFIX = 'quorate-mover:';

export function moverName(epoch: bigint, member: string): string {
  return `${MOVER_PREFIX}${epoch}:${member}`;
}

/** The epoch in a mover's connection name; undefined for other connections. */
export function moverEpoch(name: string): bigint | undefined {
  const epoch = name.startsWith(MOVER_PREFIX) ? /^\d+/.exec(name.slice(MOVER_PREFIX.length))?.[0] : undefined;
  return epoch === undefined ? undefined : BigInt(epoch);
}
