import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const README = 'test/harness/README.md';

test('the examples of the README are tests that run', () => {
  const examples = [
    ...readFileSync(README, 'utf8').matchAll(/^`(test\/\S+\.ts)`.*\n\n```ts\n([^]*?)^```$/gm),
  ];
  expect(examples.length).toBe(4);
  for (const [, path, text] of examples) expect([path, text]).toEqual([path, readFileSync(path!, 'utf8')]);
});
