import { setTimeout as pause } from 'node:timers/promises';
import { BACKOFF_MS, type Fault } from './fault.js';

/** A member or a Redis server is killed or stopped. */
export const PROCESS_FAULTS = {
  'leader-killed': (run, { durationMs }) =>
    run.alone('members', async () => {
      const index = await run.cluster.leader();
      await run.cluster.killMember(index);
      run.note(`killed the leader m${index + 1}`);
      await pause(durationMs);
      await run.cluster.restartMember(index);
      run.note(`m${index + 1} is back`);
    }),

  'leader-stopped': (run, { durationMs, variant, lateMs }) =>
    run.alone('members', async () => {
      const { cluster } = run;
      const index = await cluster.leader();
      const { process } = cluster.members[index]!;
      cluster.absent.add(index);
      process.signal('SIGSTOP');
      // Every other time also its last commands are still on their way, and arrive after it has gone on.
      if (variant % 2 === 0) for (const network of cluster.networks) network.stall('mover');
      run.note(`stopped the leader m${index + 1}${variant % 2 === 0 ? ' and its last commands' : ''}`);
      try {
        await pause(durationMs);
      } finally {
        process.signal('SIGCONT');
        cluster.absent.delete(index);
        run.note(`let m${index + 1} go on`);
        await Promise.all(cluster.networks.map((network) => network.heal('mover', lateMs)));
      }
    }),

  'redis-restarted': (run, { server, durationMs }) =>
    run.alone(`server ${server}`, async () => {
      const mended = run.excuse(`server ${server + 1} was killed`, { groups: [server + 1] }, BACKOFF_MS);
      await run.cluster.killServer(server);
      run.note(`killed server ${server + 1}`);
      await pause(durationMs);
      await run.cluster.restartServer(server);
      mended();
      run.note(`server ${server + 1} is back`);
    }),

  'redis-stopped': (run, { server, durationMs }) =>
    run.alone(`server ${server}`, async () => {
      // A source that hands keys over to it stands still as well, for as long as MIGRATE may take.
      const groups = run.partnersOf(server + 1);
      const mended = run.excuse(`server ${server + 1} was stopped`, { groups }, BACKOFF_MS + 1_500);
      run.cluster.servers[server]!.freeze();
      run.note(`stopped server ${server + 1}`);
      try {
        await pause(durationMs);
      } finally {
        run.cluster.servers[server]!.thaw();
        mended();
        run.note(`let server ${server + 1} go on`);
      }
    }),
} satisfies Record<string, Fault>;
