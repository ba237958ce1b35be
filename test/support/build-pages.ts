import { build } from 'vite';

/** Builds the pages that a member serves. */
export default async function buildPages(): Promise<void> {
  await build({ logLevel: 'error' });
}
