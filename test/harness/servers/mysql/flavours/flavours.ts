import type { Flavour, FlavourName } from './flavour.js';
import { mariadb } from './mariadb.js';
import { mysql56 } from './mysql-56.js';
import { mysql97 } from './mysql-97.js';

export const FLAVOURS: Readonly<Record<FlavourName, Flavour>> = { mysql56, mysql97, mariadb };

export const FLAVOUR_NAMES = Object.keys(FLAVOURS) as FlavourName[];

const told = new Set<FlavourName>();

/**
 * Whether tests with this flavour are to be skipped, which is said in a line. Only MySQL 9.x may be missing; the
 * tests with the others fail then.
 */
export function isMissing(name: FlavourName): boolean {
  const reason = FLAVOURS[name].unavailable();
  if (name !== 'mysql97' || reason === null) return false;
  if (!told.has(name)) console.warn(`Tests with ${name} are skipped: ${reason}.`);
  told.add(name);
  return true;
}
