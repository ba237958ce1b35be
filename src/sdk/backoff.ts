const FIRST_MS = 100;
const LONGEST_MS = 5_000;

/**
 * How long to wait before a try, in milliseconds: twice as long each time up to five seconds, and up to half
 * of it less, so that many clients of a service that was restarted do not come back in the same moment.
 * @param failures how often it has failed in a row, 1 or more
 */
export function backoff(failures: number): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return longest * (1 - Math.random() / 2);
}
