import { ActionButton } from '../../actions/action-button.js';
import { startSyncer } from '../../actions/syncer.js';
import type { Place } from '../../shell/router.js';
import { Panel } from '../../parts/panel.js';
import { useLive } from '../../state/context.js';
import { JournalPanel } from './journal.js';
import { ServersPanel } from './servers.js';
import { SlavesPanel } from './slaves.js';
import { SyncerPanel } from './syncer.js';
import { Topology } from './topology.js';

export function BinlogPage({ place: { object } }: { place: Place }) {
  const { syncer } = useLive('syncer');
  const isNew = syncer !== null && syncer.sourceAddress === null;
  return (
    <>
      <Panel
        title="From the source to the slaves"
        tools={isNew && <ActionButton spec={startSyncer(syncer)} />}
      >
        <Topology />
        {isNew && (
          <p class="empty">No source is followed yet: start the syncer with a MySQL or MariaDB server.</p>
        )}
      </Panel>
      <SyncerPanel />
      <ServersPanel chosen={object} />
      <SlavesPanel chosen={object} />
      <JournalPanel />
    </>
  );
}
