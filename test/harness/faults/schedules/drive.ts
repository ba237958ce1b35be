import { setTimeout as pause } from 'node:timers/promises';
import { change } from './operation-changes.js';
import type { PlannedMove, Trigger } from './plan.js';
import type { Run } from './run.js';

const TRIGGER_WITHIN_MS = 5_000;
const END_WITHIN_MS = 45_000;
const WHOLE_WITHIN_MS = 15_000;
/** A group with fewer could not take part in every move that is planned. */
const MIN_SLOTS = 220;

/** What earlier schedules have moved together must not leave a group without slots to move. */
export async function spreadSlots(run: Run): Promise<void> {
  const { slotRanges } = await run.cluster.ask<{
    slotRanges: { from: number; to: number; group: { number: number } }[];
  }>('{ slotRanges { from to group { number } } }');
  const owned = run.cluster.servers.map((_, index) =>
    slotRanges
      .filter(({ group }) => group.number === index + 1)
      .reduce((sum, { from, to }) => sum + to - from + 1, 0),
  );
  if (Math.min(...owned) >= MIN_SLOTS) return;
  await startMove(run, null);
  await finishOperations(run);
}

export async function noteOwners(run: Run): Promise<void> {
  const { slots } = await run.cluster.ask<{ slots: { number: number; group: { number: number } }[] }>(
    '{ slots { number group { number } } }',
  );
  for (const { number, group } of slots) run.setOwner(number, group.number);
}

/** Waits until the moment that a fault is planned for, or for so long that it does not come any more. */
export async function when(run: Run, { at, n, delayMs }: Trigger): Promise<void> {
  const { observer } = run;
  const isThere = (): boolean => {
    const operations = [...observer.operations.values()];
    switch (at) {
      case 'start':
        return operations.length > 0;
      case 'held':
        return observer.heldTimes >= n;
      case 'moving':
        return observer.movingTimes >= n;
      case 'tenths':
        return operations.some(({ done, total }) => total !== null && Number(done) * 10 >= Number(total) * n);
    }
  };
  const patience = Math.max(
    TRIGGER_WITHIN_MS,
    ...run.schedule.faults.map((fault) => fault.durationMs + 3_000),
  );
  if (!(await observer.reaches(isThere, patience))) run.note(`${at} ${n} did not come`);
  await pause(delayMs);
}

interface Started {
  readonly userErrors: { message: string }[];
  readonly operation: { id: string } | null;
  readonly plan: { slot: number; fromGroup: number; toGroup: number }[];
}

export async function startMoves(run: Run, moves: readonly PlannedMove[]): Promise<void> {
  for (const { move, delayMs } of moves) {
    await pause(delayMs);
    const { plan } = await startMove(run, move);
    for (const { slot, fromGroup, toGroup } of plan) run.setMove(slot, fromGroup, toGroup);
  }
}

/** A rebalance when no move is given. */
async function startMove(run: Run, move: PlannedMove['move']): Promise<Started> {
  const answer = 'userErrors { message } operation { id } plan { slot fromGroup toGroup }';
  const { started } = await run.cluster.ask<{ started: Started }>(
    move
      ? `mutation ($s: Int!, $c: Int!, $t: Int!) { started: moveSlots(input: { sourceGroup: $s, count: $c, targetGroup: $t }) { ${answer} } }`
      : `mutation { started: rebalanceSlots { ${answer} } }`,
    move ? { s: move.source, c: move.count, t: move.target } : {},
  );
  const what = move ? `move ${move.count} slots ${move.source}>${move.target}` : 'rebalance';
  run.note(`${what}: ${started.operation?.id ?? JSON.stringify(started.userErrors)}`);
  if (started.operation) run.started.add(started.operation.id);
  return started;
}

export async function setLimits(
  run: Run,
  limits: { keysPerSecond: number | null; slotsPerBatch: number; parallelPairs: number },
): Promise<void> {
  await run.cluster.ask(
    'mutation ($k: Int, $b: Int!, $p: Int!) { setMigrationLimits(input: { keysPerSecond: $k, slotsPerBatch: $b, parallelPairs: $p }) { userErrors { message } } }',
    { k: limits.keysPerSecond, b: limits.slotsPerBatch, p: limits.parallelPairs },
  );
}

/** Whatever stopped them has been mended: resumed, all operations come to a good end. */
export async function finishOperations(run: Run): Promise<void> {
  const deadline = performance.now() + END_WITHIN_MS;
  for (;;) {
    const { operations } = await run.cluster.ask<{
      operations: { nodes: { id: string; kind: string; state: string; error: string | null }[] };
    }>('{ operations(first: 10) { nodes { id kind state error } } }');
    // An assignment that a proxy does not confirm is undone, and fails for good.
    const failed = operations.nodes.filter(
      ({ kind, state }) => state === 'FAILED' && kind !== 'ASSIGN_SLOTS',
    );
    const open = operations.nodes.filter(
      ({ state }) => !['SUCCEEDED', 'CANCELLED', 'FAILED'].includes(state),
    );
    // Another member may answer than the one that was told to start it, and not know it yet.
    const isKnown = [...run.started].every((id) => operations.nodes.some((node) => node.id === id));
    for (const { id, error } of failed) run.find(`Operation ${id} failed: ${error}`);
    if (open.length === 0 && isKnown) return;
    if (performance.now() > deadline) {
      run.find(`Operations did not end: ${JSON.stringify(open)}`);
      return;
    }
    for (const { id, state, error } of open) {
      if (state !== 'PAUSED') continue;
      run.note(`${id} is paused: ${error}`);
      await change(run, 'resumeOperation', id);
    }
    await pause(250);
  }
}

/** Every process is back and in touch, and no slot is under way. */
export async function becomesWhole(run: Run): Promise<void> {
  const deadline = performance.now() + WHOLE_WITHIN_MS;
  for (;;) {
    const { proxies, members, slotRanges } = await run.cluster.ask<{
      proxies: { name: string; state: string }[];
      members: { name: string }[];
      slotRanges: { status: string }[];
    }>('{ proxies { name state } members { name } slotRanges { status } }');
    const isWhole =
      proxies.filter(({ state }) => state === 'ONLINE').length === run.cluster.proxies.length &&
      members.length === run.cluster.members.length &&
      slotRanges.every(({ status }) => status === 'ONLINE');
    if (isWhole) return;
    if (performance.now() > deadline) {
      const odd = slotRanges.filter(({ status }) => status !== 'ONLINE');
      run.find(`The cluster is not whole again: ${JSON.stringify({ proxies, members, odd })}`);
      return;
    }
    await pause(100);
  }
}
