import { describe, expect, test } from 'vitest';
import { binlogFindings } from '../../../src/binlog/member/binlog-findings.js';
import { SyncerStatus } from '../../../src/binlog/syncer/syncer-status.js';

/** The parts of a binlog service that are looked at, without a member around them. */
function service(options: { isWanted?: boolean; holdsTerm?: boolean } = {}) {
  const { isWanted = true, holdsTerm = true } = options;
  const status = new SyncerStatus();
  const parts = {
    view: { syncer: () => ({ value: { isWanted } }), servers: () => [], leader: () => 'm1' },
    store: { currentProblem: null as string | null, cut: null, journal: null },
    fullDisks: () => new Map<string, string>(),
    duty: {
      holdsTerm,
      stall: null,
      problem: null as { isUnfit: boolean; message: string; since: number } | null,
    },
    runners: { get: () => undefined },
    copies: { laggards: () => [] },
    status,
  };
  return {
    parts,
    status,
    findings: () => binlogFindings(parts as unknown as Parameters<typeof binlogFindings>[0]),
  };
}

describe('problems of the binlog store', () => {
  test('a source that was lost is one after half a minute', () => {
    const { status, findings } = service();
    status.change('RETRYING', 'The source was lost.');
    expect(findings()).toEqual([]);
    status.since = Date.now() - 31_000;
    expect(findings()).toEqual([
      expect.objectContaining({
        code: 'SOURCE_UNREACHABLE',
        severity: 'CRITICAL',
        subject: 'syncer',
        message: 'The source was lost.',
      }),
    ]);
    status.change('RUNNING');
    expect(findings()).toEqual([]);
  });

  test('a source that refuses is one at once', () => {
    const { status, findings } = service();
    status.change('FAILED', 'Its binlog is off.');
    expect(findings()).toMatchObject([{ severity: 'CRITICAL', message: 'Its binlog is off.' }]);
  });

  test('warnings of the syncer are, while it is wanted and runs here', () => {
    const warnings = ['It writes statements.'];
    const running = service();
    running.status.warnings = warnings;
    expect(running.findings()).toEqual([
      expect.objectContaining({
        code: 'SOURCE_WARNING',
        severity: 'WARNING',
        subject: 'syncer',
        message: 'It writes statements.',
      }),
    ]);
    for (const other of [service({ isWanted: false }), service({ holdsTerm: false })]) {
      other.status.warnings = warnings;
      expect(other.findings()).toEqual([]);
    }
  });

  test('a journal that cannot be opened is one, and one that is not the cluster’s', () => {
    const { parts, findings } = service({ holdsTerm: false });
    parts.duty.problem = { isUnfit: false, message: 'The coordinator is away.', since: Date.now() };
    expect(findings()).toEqual([]);
    parts.duty.problem = { isUnfit: true, message: 'It belongs to another cluster.', since: Date.now() };
    expect(findings()).toMatchObject([{ subject: 'journal', message: 'It belongs to another cluster.' }]);
    parts.store.currentProblem = 'It is damaged.';
    expect(findings()).toMatchObject([{ subject: 'journal', message: 'It is damaged.' }]);
  });
});
