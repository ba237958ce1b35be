import type { Place } from '../shell/router.js';
import { Panel } from '../parts/panel.js';
import { useLive } from '../state/context.js';
import { OperationList } from './operation-list.js';

/** All long work that is known, the newest first. */
export function OperationsPage({ place }: { place: Place }) {
  const { operations } = useLive('operations');
  const all = [...operations.values()].sort((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt));
  const chosen = place.object.startsWith('operation/') ? place.object : `operation/${place.object}`;
  return (
    <>
      <Panel title="Under way">
        <OperationList operations={all.filter(({ finishedAt }) => finishedAt === null)} chosen={chosen} />
      </Panel>
      <Panel title="Ended">
        <OperationList operations={all.filter(({ finishedAt }) => finishedAt !== null)} chosen={chosen} />
      </Panel>
    </>
  );
}
