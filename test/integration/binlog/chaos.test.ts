import { describe, expect, test } from 'vitest';
import { runChaos } from '../../harness/faults/chaos/run.js';
import { isMissing } from '../../harness/servers/mysql/flavours/flavours.js';

/** For each of the two. */
const MINUTES = Number(process.env['QUORATE_CHAOS_MINUTES'] ?? 1);
const SEED = Number(process.env['QUORATE_CHAOS_SEED'] ?? 1);

describe.each(['mariadb', 'mysql56'] as const)('three members behind a source, %s,', (flavour) => {
  test.skipIf(isMissing(flavour))(
    'lose nothing and end up the same, whatever befalls them',
    async () => {
      const said: string[] = [];
      const say = (line: string): void => void said.push(line);
      const report = await runChaos({ flavour, minutes: MINUTES, seed: SEED, say }).catch(
        (error: unknown) => {
          throw new Error(`seed ${SEED}:\n${said.join('\n')}`, { cause: error });
        },
      );
      expect(report.faults).toBeGreaterThan(report.refused);
      expect(report.confirmed).toBeGreaterThan(0);
      console.log(`chaos, ${flavour}: ${JSON.stringify(report)}`);
    },
    MINUTES * 60_000 + 400_000,
  );
});
