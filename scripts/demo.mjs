// `npm run demo`: builds what is older than its sources, then runs the demo in this very process.
import { register } from 'tsx/esm/api';
import { buildWhenNeeded } from './build.mjs';

register();
const { main } = await import('../examples/demo/main.ts');
process.exit(await main(process.argv.slice(2), buildWhenNeeded));
