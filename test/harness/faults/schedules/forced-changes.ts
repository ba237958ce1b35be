import { SLOT_COUNT } from '../../../../src/redis/slots.js';
import { Random } from '../../random.js';
import { slotOf } from './requests.js';
import type { Run } from './run.js';

const DATABASES = [0, 7];
const GROUPS = 3;

export interface ForcedChange {
  readonly text: string;
  /** Slots whose keys it may leave behind or remove, first and last; null: none. */
  readonly empties: readonly [number, number] | null;
}

/** Every change of what proxies route, forced ones included; slots in ranges of the seed. */
export function planChanges(seed: number, faulty: number): ForcedChange[] {
  const random = new Random(seed);
  const range = (): readonly [number, number] => {
    const from = random.below(SLOT_COUNT - 64);
    return [from, from + random.between(8, 63)];
  };
  const group = (): number => random.between(1, GROUPS);
  /** Not by the lowest bits, which tell what the proxy suffers. */
  const speed = (seed >> 2) % 2 === 0 ? 'GENTLE' : 'FAST';
  const other = ((faulty + 1) % 3) + 1;
  const kinds: readonly (() => ForcedChange)[] = [
    () => assign(range(), group(), 'force: true'),
    () => assign(range(), group(), 'force: true'),
    () => assign(range(), null, 'force: true'),
    () => assign(range(), group(), 'force: true, acceptDataLoss: true'),
    () => move(range(), group(), speed),
    () => keeping(`rebalanceSlots(input: { discardAtTarget: true, speed: ${speed} })`),
    () => keeping(`setReplicaReads(input: { group: ${group()}, enabled: ${random.below(2) === 0} })`),
    () => keeping(`setProxyState(input: { name: "p${other}", state: OFFLINE })`),
    () => keeping(`removeProxy(input: { name: "p${faulty + 1}", force: true })`),
    ...(random.below(6) === 0
      ? [() => ({ text: 'initSlots(input: { force: true })', empties: [0, SLOT_COUNT - 1] as const })]
      : []),
  ];
  return random
    .shuffle(kinds)
    .slice(0, random.between(4, 6))
    .map((make) => make());
}

/** Gives the slots of that range to a group, or to nobody; what the group holds of them is removed first. */
export function assign(
  [from, to]: readonly [number, number],
  group: number | null,
  more: string,
): ForcedChange {
  const target = group === null ? '' : `, group: ${group}, keysAtTarget: DISCARD`;
  return { text: `assignSlots(input: { from: ${from}, to: ${to}${target}, ${more} })`, empties: [from, to] };
}

function move([from, to]: readonly [number, number], group: number, speed: string): ForcedChange {
  return keeping(
    `moveSlots(input: { from: ${from}, to: ${to}, targetGroup: ${group}, discardAtTarget: true, speed: ${speed} })`,
  );
}

function keeping(text: string): ForcedChange {
  return { text, empties: null };
}

/**
 * Makes the change. Whether it was answered with success or a refusal, one deletion of each key of its slots may be
 * executed once at any time from now on: what a forced change leaves behind is gone, all at once, and stays so.
 */
export async function makeChange(run: Run, { text, empties }: ForcedChange): Promise<void> {
  const { log, clients } = run;
  const isMeant = (name: string): boolean => {
    const slot = slotOf(name);
    return empties !== null && slot >= empties[0] && slot <= empties[1];
  };
  const deletions = [...clients.keys, ...clients.tags]
    .filter(isMeant)
    .flatMap((name) =>
      DATABASES.map((database) => log.invoke('operator', `${database}/${name}`, { kind: 'del' })),
    );
  try {
    const answer = await run.cluster.ask<Record<string, { userErrors: { code: string; message: string }[] }>>(
      `mutation { change: ${text} { userErrors { code message } } }`,
    );
    const refusals = answer['change']!.userErrors.map(({ code, message }) => `${code} ${message}`);
    run.note(`${text}: ${refusals.length === 0 ? 'done' : refusals.join('; ')}`);
    for (const refusal of refusals) if (refusal.startsWith('INTERNAL')) run.find(`${text}: ${refusal}`);
  } finally {
    for (const deletion of deletions) log.unknown(deletion);
  }
}
