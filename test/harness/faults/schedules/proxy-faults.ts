import { setTimeout as pause } from 'node:timers/promises';
import { answeredThrough, BACKOFF_MS, type Fault } from './fault.js';
import { isOver, resumePaused } from './operation-changes.js';
import type { PlannedFault } from './plan.js';
import type { Run } from './run.js';

const NOTICED_WITHIN_MS = 8_000;
const REGISTERED_WITHIN_MS = 8_000;

/** A proxy is killed, stopped, or stopped and fenced. */
export const PROXY_FAULTS = {
  'proxy-killed': (run, { proxy, durationMs }) =>
    run.alone(`proxy ${proxy}`, async () => {
      const mended = run.excuse(`p${proxy + 1} was killed`, { proxies: [proxy] }, 1_000);
      await run.cluster.proxies[proxy]!.kill();
      run.note(`killed p${proxy + 1}`);
      await pause(durationMs);
      await run.cluster.restartProxy(proxy);
      mended();
      run.note(`p${proxy + 1} is back`);
    }),

  'proxy-stopped': (run, fault) =>
    run.alone(`proxy ${fault.proxy}`, async () => {
      const { proxy, durationMs } = fault;
      await whileProxyStands(run, fault, async () => {
        await checkThatItIsNamed(run, proxy);
        await pause(durationMs);
      });
    }),

  'proxy-fenced': (run, fault) =>
    run.alone(`proxy ${fault.proxy}`, async () => {
      const { proxy, durationMs } = fault;
      await whileProxyStands(run, fault, async () => {
        const { removeProxy } = await run.cluster.ask<{ removeProxy: { userErrors: unknown[] } }>(
          'mutation ($n: String!) { removeProxy(input: { name: $n, force: true }) { userErrors { code message } } }',
          { n: `p${proxy + 1}` },
        );
        run.note(`removed p${proxy + 1} with force: ${JSON.stringify(removeProxy.userErrors)}`);
        await resumePaused(run);
        const before = run.observer.movingTimes;
        await run.observer.reaches(() => run.observer.movingTimes > before || isOver(run), 3_000);
        await pause(durationMs);
      });
      await serveAgain(run, proxy);
    }),
} satisfies Record<string, Fault>;

/** Stops a proxy's process; half of its clients lose their patience; lets it go on in the end. */
async function whileProxyStands(run: Run, { proxy }: PlannedFault, work: () => Promise<void>): Promise<void> {
  const mended = run.excuse(`p${proxy + 1} was stopped`, { proxies: [proxy] }, BACKOFF_MS);
  const { process } = run.cluster.proxies[proxy]!;
  const isOther = (other: number): boolean => other !== proxy;
  process.signal('SIGSTOP');
  run.note(`stopped p${proxy + 1}`);
  const answeredBefore = answeredThrough(run, isOther);
  try {
    await pause(300);
    run.clients.abandon(proxy);
    await work();
    if (answeredThrough(run, isOther) === answeredBefore)
      run.find(`No request was answered by the other proxies while p${proxy + 1} was stopped.`);
  } finally {
    process.signal('SIGCONT');
    mended();
    run.coordinatorMendedAtMs = run.log.nowMs;
    run.note(`let p${proxy + 1} go on`);
  }
}

/** A process that has registered anew before its record was removed is out for good: it has to be replaced. */
async function serveAgain(run: Run, proxy: number): Promise<void> {
  const deadline = performance.now() + REGISTERED_WITHIN_MS;
  for (;;) {
    const { proxies } = await run.cluster.ask<{ proxies: { name: string; state: string }[] }>(
      '{ proxies { name state } }',
    );
    const state = proxies.find(({ name }) => name === `p${proxy + 1}`)?.state;
    if (state === 'ONLINE') return;
    if (performance.now() > deadline) {
      run.note(`p${proxy + 1} is ${state ?? 'not registered'}: it is replaced`);
      const mended = run.excuse(`p${proxy + 1} was replaced`, { proxies: [proxy] }, 1_000);
      if (state === 'FENCED') await bringOnline(run, proxy);
      await run.cluster.proxies[proxy]!.kill();
      await run.cluster.restartProxy(proxy);
      mended();
      return;
    }
    await pause(100);
  }
}

async function bringOnline(run: Run, proxy: number): Promise<void> {
  await run.cluster.ask(
    'mutation ($n: String!) { setProxyState(input: { name: $n, state: ONLINE }) { userErrors { message } } }',
    { n: `p${proxy + 1}` },
  );
}

/** The change that waits for it fails, says who it was, and holds no requests any more. */
async function checkThatItIsNamed(run: Run, proxy: number): Promise<void> {
  const { observer } = run;
  const wasRunning = [...observer.operations.values()].filter(({ state }) => state === 'RUNNING');
  const isResting = await observer.reaches(() => isOver(run) && observer.held === 0, NOTICED_WITHIN_MS);
  if (!run.isSingle) return;
  if (!isResting) run.find(`Moves went on for ${NOTICED_WITHIN_MS} ms although p${proxy + 1} had stopped.`);
  for (const { id } of wasRunning) {
    const { state, error } = observer.operations.get(id)!;
    if (state === 'PAUSED' && !(error ?? '').includes(`p${proxy + 1}`))
      run.find(`The reason of ${id} does not name p${proxy + 1}: ${error}`);
  }
}
