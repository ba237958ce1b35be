import { build } from 'vite';

/** Builds the pages that a member serves, as they are shipped: with NODE_ENV as the tests have it they would be larger. */
export default async function buildPages(): Promise<void> {
  const before = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  try {
    await build({ logLevel: 'error' });
  } finally {
    if (before === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = before;
  }
}
