import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** This build's version, from package.json. */
export const VERSION: string = manifest.version;

/**
 * The level of changes of the stored state that this build understands, announced by every member and proxy. A change that an older
 * one would misunderstand is refused until all of them understand it (`redis/topology/feature-levels.ts`).
 *
 * 1: version 0.1.0, which announces nothing. 2: slots are assigned by an operation that holds them.
 */
export const FEATURE_LEVEL = 2;
