// `npm start`: builds what is older than its sources, then runs `quorate serve` in this very process.
import { buildWhenNeeded } from './build.mjs';

buildWhenNeeded();
process.argv.splice(2, 0, 'serve');
await import('../dist/main.js');
