import { setTimeout as pause } from 'node:timers/promises';
import { answeredThrough, type Fault } from './fault.js';

/** etcd is away, for all or for one. */
export const COORDINATOR_FAULTS = {
  'etcd-leader-killed': (run, { durationMs }) =>
    run.alone('etcd', async () => {
      const leader = await run.cluster.etcd.leader();
      await leader.kill();
      run.note(`killed etcd's leader ${leader.name}`);
      await pause(durationMs);
      await leader.start();
      run.coordinatorMendedAtMs = run.log.nowMs;
      run.note(`etcd's ${leader.name} is back`);
    }),

  'etcd-down': (run, { durationMs, variant }) =>
    run.alone('etcd', async () => {
      const { members } = run.cluster.etcd;
      const isKilled = variant % 2 === 0;
      const answeredBefore = answeredThrough(run, () => true);
      if (isKilled) await Promise.all(members.map((member) => member.kill()));
      else members.forEach((member) => member.freeze());
      run.note(`${isKilled ? 'killed' : 'stopped'} all of etcd`);
      try {
        await pause(durationMs);
        if (answeredThrough(run, () => true) === answeredBefore)
          run.find('No request was answered while etcd was down.');
      } finally {
        if (isKilled) members.forEach((member) => member.launch());
        else members.forEach((member) => member.resume());
        await Promise.all(members.map((member) => member.ready()));
        run.coordinatorMendedAtMs = run.log.nowMs;
        run.note('etcd is back');
      }
    }),

  'proxy-cut-from-etcd': (run, { proxy, durationMs, variant }) =>
    run.alone(`proxy ${proxy}`, async () => {
      const relays = run.cluster.etcdRelays[proxy]!;
      for (const relay of relays) {
        if (variant % 2 === 0) relay.cut();
        else relay.silence();
      }
      run.note(`${variant % 2 === 0 ? 'cut' : 'silenced'} p${proxy + 1}'s way to etcd`);
      await pause(durationMs);
      for (const relay of relays) relay.restore();
      run.coordinatorMendedAtMs = run.log.nowMs;
      run.note(`p${proxy + 1} reaches etcd again`);
    }),
} satisfies Record<string, Fault>;
