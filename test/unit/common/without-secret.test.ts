import { expect, test } from 'vitest';
import { withoutSecret } from '../../../src/common/without-secret.js';

test('a secret is left out wherever it is told, and words that happen to hold a short one stay readable', () => {
  expect(withoutSecret("executing 'AUTH' 'x' with x", 'x')).toBe("executing 'AUTH' '***' with ***");
  expect(withoutSecret('key=s3cret, executing', 's3cret')).toBe('key=***, executing');
  expect(withoutSecret('prefix-long-secret-1suffix', 'long-secret-1')).toBe('prefix-***suffix');
  expect(withoutSecret('a+b a+b', '+')).toBe('a***b a***b');
  expect(withoutSecret('nothing', '')).toBe('nothing');
});
