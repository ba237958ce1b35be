import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/harness/longest-first.js';

const require = createRequire(import.meta.url);

// Vitest would otherwise load graphql once as ESM and once as CommonJS, and graphql refuses a schema built
// by another copy of itself ("another module or realm").
const alias = [{ find: /^graphql$/, replacement: require.resolve('graphql') }];

/** Tests with real servers mostly wait: half as many again as there are cores keep these busy, and starve no server. */
const WORKERS = Math.min(8, Math.ceil(1.5 * availableParallelism()));
/** Simulation, servers and browsers run side by side, the longest files first, so that no core is idle in between. */
const together = { maxWorkers: WORKERS, sequence: { groupOrder: 1 } };

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          // Some compute for a second; a busy machine makes ten of it.
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'simulation',
          include: ['test/simulation/**/*.test.ts'],
          setupFiles: ['test/harness/simulation/after-others.ts'],
          testTimeout: 600_000,
          ...together,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/harness/servers/build.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          ...together,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/harness/servers/build.ts', 'test/harness/servers/build-pages.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          ...together,
        },
      },
    ],
  },
});
