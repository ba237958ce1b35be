import { expect, test } from 'vitest';
import { HistoryLog } from '../../harness/checkers/history/history.js';
import { judge } from '../../harness/checkers/history/judge.js';

test('a read of what was overwritten before it began is found', () => {
  const log = new HistoryLog();
  for (const value of ['old', 'new']) log.answered(log.invoke('writer', 'k', { kind: 'set', value }), 'OK');
  const read = log.invoke('reader', 'k', { kind: 'get' });
  log.answered(read, 'old');

  const { findings } = judge(log.operations);
  expect(findings.map(({ what }) => what)).toEqual([
    expect.stringContaining('before it the value can have been "new"'),
  ]);
});
