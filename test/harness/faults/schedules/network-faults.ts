import { setTimeout as pause } from 'node:timers/promises';
import { BACKOFF_MS, type Fault } from './fault.js';

/** Somebody cannot reach a Redis server, or not for a while, while others can. */
export const NETWORK_FAULTS = {
  'proxy-cut-from-redis': (run, { proxy, server, durationMs, variant, lateMs }) =>
    run.alone(`server ${server}`, async () => {
      const mended = run.excuse(
        `p${proxy + 1} could not reach server ${server + 1}`,
        { proxies: [proxy], groups: [server + 1] },
        BACKOFF_MS + lateMs,
      );
      const network = run.cluster.networks[server]!;
      const state = (['cut', 'silent', 'stalled'] as const)[variant % 3]!;
      if (state === 'stalled') network.stall(`proxy:p${proxy + 1}`);
      else network.set(`proxy:p${proxy + 1}`, state);
      run.note(`p${proxy + 1}'s way to server ${server + 1} is ${state}`);
      await pause(durationMs);
      const delivered = network.heal(`proxy:p${proxy + 1}`, lateMs);
      mended();
      run.note(`p${proxy + 1} reaches server ${server + 1} again`);
      await delivered;
    }),

  'link-cut': (run, { server, durationMs }) =>
    run.alone(`link ${server}`, async () => {
      const mended = run.excuse(`no keys reached server ${server + 1}`, { groups: [server + 1] }, 1_500);
      const network = run.cluster.networks[server]!;
      network.set('server', 'cut');
      run.note(`cut the ways of other servers to server ${server + 1}`);
      await pause(durationMs);
      await network.heal('server');
      mended();
      run.note(`other servers reach server ${server + 1} again`);
    }),

  'link-stalled': (run, { server, durationMs, variant, lateMs }) =>
    run.alone(`link ${server}`, async () => {
      const network = run.cluster.networks[server]!;
      const owner = variant % 4 === 1 ? 'mover' : 'server';
      const state = (['slow', 'silent', 'silent', 'stalled'] as const)[variant % 4]!;
      // A source whose MIGRATE gets no answer stands still; a mover that gets none stops nobody else.
      const groups = owner === 'mover' || state === 'slow' ? [] : run.partnersOf(server + 1);
      const mended = run.excuse(
        `keys on their way to server ${server + 1} stood still`,
        { groups },
        BACKOFF_MS + 5_000,
      );
      if (state === 'stalled') network.stall(owner);
      else network.set(owner, state === 'slow' ? { delayMs: 5 + lateMs / 100 } : state);
      run.note(`the link of ${owner} to server ${server + 1} is ${state}`);
      await pause(durationMs);
      const delivered = network.heal(owner, lateMs);
      mended();
      run.note(`the link of ${owner} to server ${server + 1} is mended`);
      await delivered;
      run.note('what was held back has been delivered');
    }),
} satisfies Record<string, Fault>;
