import { Panel } from '../../parts/panel.js';
import { useLive } from '../../state/context.js';
import { OperationList } from '../operation-list.js';

/** Moves that have not ended. */
export function UnderWay() {
  const { operations } = useLive('operations');
  const moves = [...operations.values()].filter(
    ({ kind, finishedAt }) => finishedAt === null && (kind === 'MOVE_SLOTS' || kind === 'REBALANCE'),
  );
  if (moves.length === 0) return null;
  return (
    <Panel title="Moves under way">
      <OperationList operations={moves} />
    </Panel>
  );
}
