import { parseArgs } from 'node:util';
import { FLAVOUR_NAMES } from '../../servers/mysql/flavours/flavours.js';
import { runChaos } from './run.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '3' },
    flavour: { type: 'string', default: 'mariadb' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const flavour = FLAVOUR_NAMES.find((name) => name === values.flavour);
if (!flavour) throw new Error(`--flavour is one of ${FLAVOUR_NAMES.join(', ')}`);
const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
const began = performance.now();
const say = (line: string): void => {
  console.log(`${((performance.now() - began) / 1_000).toFixed(1).padStart(7)} s  ${line}`);
};
say(`seed ${seed}, ${minutes} minutes, a ${flavour} source`);
const report = await runChaos({ flavour, minutes, seed, say });
console.log(JSON.stringify(report, null, 2));
