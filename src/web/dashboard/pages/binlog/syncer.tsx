import { ActionButton } from '../../actions/action-button.js';
import { SKIP_TRANSACTION, STOP_SYNCER, startSyncer, switchSource } from '../../actions/syncer.js';
import { bytesPerSecond, count, perSecond } from '../../format/numbers.js';
import { duration, since } from '../../format/time.js';
import { Badge } from '../../parts/badge.js';
import { Facts } from '../../parts/facts.js';
import { GtidSet } from '../../parts/gtid-set.js';
import { Panel } from '../../parts/panel.js';
import { useLive } from '../../state/context.js';

/** The connection to the source. */
export function SyncerPanel() {
  const { syncer } = useLive('syncer');
  if (!syncer || syncer.sourceAddress === null) return null;
  const isWanted = syncer.state !== 'STOPPED';
  const behind = syncer.secondsBehindSource;
  return (
    <Panel
      title="Syncer"
      id="syncer"
      tools={
        <>
          <Badge state={syncer.state} />
          {isWanted ? <ActionButton spec={STOP_SYNCER} /> : <ActionButton spec={startSyncer(syncer)} />}
          <ActionButton spec={switchSource(syncer)} />
          {syncer.stateReason !== null && <ActionButton spec={SKIP_TRANSACTION} />}
        </>
      }
    >
      {syncer.stateReason !== null && <p class="reason">{syncer.stateReason}</p>}
      <Facts
        of={{
          Source: `${syncer.sourceAddress}${syncer.sourceVersion ? ` (${syncer.sourceVersion})` : ''}`,
          'Logged in as': syncer.user ?? '–',
          'Our server_id': syncer.serverId ?? '–',
          Semisync: syncer.semiSyncActive ? 'active' : syncer.semiSync ? 'wanted, not active' : 'off',
          Behind: behind === null ? '–' : duration(Math.round(behind)),
          Events: perSecond(syncer.eventsPerSecond),
          Bytes: bytesPerSecond(syncer.bytesPerSecond),
          'Connected for': since(syncer.connectedAt),
          Reconnects: count(syncer.reconnects),
          'Position there': syncer.lastBinlogFile
            ? `${syncer.lastBinlogFile}:${syncer.lastFilePosition}`
            : '–',
          'Executed GTIDs': <GtidSet set={syncer.executedGtidSet} about="executed GTIDs" />,
          'Purged GTIDs': <GtidSet set={syncer.purgedGtidSet} about="purged GTIDs" />,
        }}
      />
    </Panel>
  );
}
