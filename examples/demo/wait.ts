/** Resolves after that time; rejects as soon as the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const end = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', end);
      resolve();
    }, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}

/** Asks until the answer is neither false nor an error; the last error is the reason when it takes too long. */
export async function until(
  what: string,
  isSo: () => Promise<boolean>,
  signal: AbortSignal,
  timeoutMs = 60_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let reason: unknown = 'it is not so yet';
    try {
      if (await isSo()) return;
    } catch (error) {
      reason = error;
    }
    if (performance.now() > deadline)
      throw new Error(`Waited for ${timeoutMs / 1_000} s, in vain: ${what}: ${String(reason)}.`);
    await pause(100, signal);
  }
}
