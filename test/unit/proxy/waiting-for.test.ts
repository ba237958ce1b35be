import { describe, expect, it } from 'vitest';
import { formatSlots } from '../../../src/redis/proxy/waiting-for.js';

describe('a list of slots', () => {
  it.each([
    [[], ''],
    [[5], '5'],
    [[2, 1], '1-2'],
    [[9, 3, 8, 7, 1023], '3, 7-9, 1023'],
  ])('%j is written as %j', (slots, text) => {
    expect(formatSlots(slots)).toBe(text);
  });
});
