import { ActionButton } from '../../actions/action-button.js';
import { proxyActions } from '../../actions/proxies.js';
import { count, milliseconds, perSecond } from '../../format/numbers.js';
import { since } from '../../format/time.js';
import { Badge } from '../../parts/badge.js';
import { Panel } from '../../parts/panel.js';
import { Table } from '../../parts/table.js';
import { useLive } from '../../state/context.js';
import { ProxyDetails } from './proxy-details.js';

export function ProxiesPanel({ chosen }: { chosen: string }) {
  const { proxies } = useLive('proxies');
  const rows = [...proxies.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const shown = chosen.startsWith('proxy/') ? proxies.get(chosen.slice('proxy/'.length)) : undefined;
  return (
    <Panel title="Proxies">
      <Table
        label="Proxies"
        rows={rows}
        keyOf={({ name }) => `proxy/${name}`}
        chosen={chosen}
        empty="None is registered. Start one with quorate proxy, or serve with --proxy-listen."
        columns={[
          {
            title: 'Name',
            show: ({ name }) => <a href={`#/redis/proxy/${encodeURIComponent(name)}`}>{name}</a>,
          },
          { title: 'State', show: ({ state }) => <Badge state={state} /> },
          { title: 'Address', show: ({ address }) => address },
          { title: 'Clients', isNumber: true, show: ({ sessions }) => count(sessions) },
          { title: 'Rate', isNumber: true, show: ({ opsPerSecond }) => perSecond(opsPerSecond) },
          { title: 'p50', isNumber: true, show: ({ latencyP50 }) => milliseconds(latencyP50) },
          { title: 'p99', isNumber: true, show: ({ latencyP99 }) => milliseconds(latencyP99) },
          { title: 'Errors', isNumber: true, show: ({ errorsPerSecond }) => perSecond(errorsPerSecond) },
          { title: 'Applied', isNumber: true, show: ({ appliedRevision }) => appliedRevision },
          { title: 'Runs for', isNumber: true, show: ({ startedAt }) => since(startedAt) },
          {
            title: 'Actions',
            show: (proxy) =>
              proxyActions(proxy).map((spec) => <ActionButton spec={spec} isSmall about={proxy.name} />),
          },
        ]}
      />
      {shown && <ProxyDetails key={shown.name} name={shown.name} />}
    </Panel>
  );
}
