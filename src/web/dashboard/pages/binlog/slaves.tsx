import { hostOf, nameOf } from '../../format/slave.js';
import { ActionButton } from '../../actions/action-button.js';
import { disconnectSlave } from '../../actions/binlog-servers.js';
import { bytes, bytesPerSecond } from '../../format/numbers.js';
import { duration, since } from '../../format/time.js';
import { Panel } from '../../parts/panel.js';
import { Table } from '../../parts/table.js';
import { useLive } from '../../state/context.js';

/** Who is attached, at all members. */
export function SlavesPanel({ chosen }: { chosen: string }) {
  const { slaves } = useLive('slaves');
  return (
    <Panel title="Slaves">
      <Table
        label="Slaves"
        rows={slaves}
        keyOf={({ id }) => id}
        chosen={chosen}
        empty="None is attached."
        columns={[
          { title: 'Host', show: ({ hostName, address }) => <strong>{hostName ?? hostOf(address)}</strong> },
          { title: 'server_id', isNumber: true, show: ({ serverId }) => serverId },
          { title: 'At', show: ({ binlogServer, member }) => `${binlogServer.name} on ${member.name}` },
          { title: 'From', show: ({ address }) => address },
          { title: 'Semisync', show: ({ semiSync }) => (semiSync ? 'yes' : 'no') },
          {
            title: 'Behind',
            isNumber: true,
            show: ({ lagBytes, stale }) => (stale ? 'not known' : bytes(lagBytes)),
          },
          {
            ...{ title: 'Lag', isNumber: true },
            show: ({ lagSeconds }) => (lagSeconds === null ? '–' : duration(Math.round(lagSeconds))),
          },
          {
            title: 'Rate',
            isNumber: true,
            show: (slave) => (slave.stale ? '–' : bytesPerSecond(slave.bytesPerSecond)),
          },
          { title: 'Sent last', show: ({ currentGtid }) => <code class="quiet">{currentGtid ?? '–'}</code> },
          { title: 'For', isNumber: true, show: ({ connectedAt }) => since(connectedAt) },
          {
            title: 'Actions',
            show: (slave) => <ActionButton spec={disconnectSlave(slave)} isSmall about={nameOf(slave)} />,
          },
        ]}
      />
    </Panel>
  );
}
