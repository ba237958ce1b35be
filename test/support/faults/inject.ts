import type { FaultKind, PlannedFault } from './plan.js';
import { pause, type Run } from './run.js';

/** Does it, waits, and mends it; what must hold meanwhile is checked. */
type Fault = (run: Run, fault: PlannedFault) => Promise<void>;

/** How long a proxy may take to use a server again that it found away: its pauses between attempts. */
const BACKOFF_MS = 3_500;
const NOTICED_WITHIN_MS = 8_000;
const RESTING = ['PAUSED', 'SUCCEEDED', 'CANCELLED', 'FAILED'];

/** Injects a fault now. Always mends it, also when something went wrong. */
export function inject(run: Run, fault: PlannedFault): Promise<void> {
  return FAULTS[fault.kind](run, fault);
}

const FAULTS: Record<FaultKind, Fault> = {
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
        for (const network of cluster.networks) network.heal('mover', lateMs);
        cluster.absent.delete(index);
        run.note(`let m${index + 1} go on`);
      }
    }),

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
      network.heal(`proxy:p${proxy + 1}`, lateMs);
      mended();
      run.note(`p${proxy + 1} reaches server ${server + 1} again`);
    }),

  'link-cut': (run, { server, durationMs }) =>
    run.alone(`link ${server}`, async () => {
      const mended = run.excuse(`no keys reached server ${server + 1}`, { groups: [server + 1] }, 1_500);
      const network = run.cluster.networks[server]!;
      network.set('server', 'cut');
      run.note(`cut the ways of other servers to server ${server + 1}`);
      await pause(durationMs);
      network.heal('server');
      mended();
      run.note(`other servers reach server ${server + 1} again`);
    }),

  'link-stalled': (run, { server, durationMs, variant, lateMs }) =>
    run.alone(`link ${server}`, async () => {
      const network = run.cluster.networks[server]!;
      const owner = variant % 4 === 1 ? 'mover' : 'server';
      const state = (['slow', 'silent', 'silent', 'stalled'] as const)[variant % 4]!;
      // A source whose MIGRATE gets no answer stands still; a mover that gets none stops nobody else.
      const groups = owner === 'mover' ? [] : run.partnersOf(server + 1);
      const mended = run.excuse(
        `keys on their way to server ${server + 1} stood still`,
        { groups },
        BACKOFF_MS + 5_000,
      );
      if (state === 'stalled') network.stall(owner);
      else network.set(owner, state === 'slow' ? { delayMs: 20 + lateMs / 10 } : state);
      run.note(`the link of ${owner} to server ${server + 1} is ${state}`);
      await pause(durationMs);
      network.heal(owner, lateMs);
      mended();
      run.note(`the link of ${owner} to server ${server + 1} is mended`);
    }),

  cancel: async (run) => {
    for (const { id, state } of run.observer.operations.values()) {
      if (!['PENDING', 'RUNNING', 'PAUSED'].includes(state)) continue;
      await change(run, 'cancelOperation', id);
    }
  },

  pause: async (run, { durationMs }) => {
    for (const { id, state } of run.observer.operations.values()) {
      if (!['PENDING', 'RUNNING', 'CANCELLING'].includes(state)) continue;
      await change(run, 'pauseOperation', id);
    }
    await pause(durationMs);
    await resumePaused(run);
  },
};

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

/** The change that waits for it fails, says who it was, and holds no requests any more. */
async function checkThatItIsNamed(run: Run, proxy: number): Promise<void> {
  const { observer } = run;
  const wasRunning = [...observer.operations.values()].filter(({ state }) => state === 'RUNNING');
  const rests = (): boolean =>
    [...observer.operations.values()].every(({ state }) => RESTING.includes(state)) && observer.held === 0;
  const isResting = await observer.reaches(rests, NOTICED_WITHIN_MS);
  if (!run.isSingle) return;
  if (!isResting) run.find(`Moves went on for ${NOTICED_WITHIN_MS} ms although p${proxy + 1} had stopped.`);
  for (const { id } of wasRunning) {
    const { state, error } = observer.operations.get(id)!;
    if (state === 'PAUSED' && !(error ?? '').includes(`p${proxy + 1}`))
      run.find(`The reason of ${id} does not name p${proxy + 1}: ${error}`);
  }
}

function answeredThrough(run: Run, counts: (proxy: number) => boolean): number {
  return run.clients.answered.reduce((sum, { steady }, proxy) => sum + (counts(proxy) ? steady : 0), 0);
}

function isOver(run: Run): boolean {
  return [...run.observer.operations.values()].every(({ state }) => RESTING.includes(state));
}

async function resumePaused(run: Run): Promise<void> {
  for (const { id, state } of run.observer.operations.values()) {
    if (state === 'PAUSED') await change(run, 'resumeOperation', id);
  }
}

type OperationChange = 'cancelOperation' | 'pauseOperation' | 'resumeOperation';

/** A refusal is no finding: the operation may have ended or changed its state meanwhile. */
export async function change(run: Run, mutation: OperationChange, id: string): Promise<void> {
  const data = await run.cluster.ask<Record<string, { userErrors: { message: string }[] }>>(
    `mutation ($id: ID!) { ${mutation}(input: { id: $id }) { userErrors { message } } }`,
    { id },
  );
  const refusals = data[mutation]!.userErrors.map(({ message }) => message).join('; ');
  run.note(`${mutation} ${id}${refusals === '' ? '' : `: ${refusals}`}`);
}
