import type { Group, Server } from '../../../../sdk/browser.js';
import { ActionButton } from '../../actions/action-button.js';
import {
  addServer,
  CREATE_GROUP,
  removeForeignKeys,
  removeGroup,
  removeServer,
  updateServer,
  replicaReads,
} from '../../actions/groups.js';
import { bytes, count, perSecond } from '../../format/numbers.js';
import { Badge } from '../../parts/badge.js';
import { Panel } from '../../parts/panel.js';
import { Table } from '../../parts/table.js';
import { groupColour } from './group-colour.js';

export function GroupsPanel({ groups, chosen }: { groups: readonly Group[]; chosen: string }) {
  return (
    <Panel title="Groups" tools={<ActionButton spec={CREATE_GROUP} />}>
      {groups.length === 0 && (
        <p class="empty">There is none yet. A group is a Redis master with its replicas.</p>
      )}
      <div class="groups">
        {groups.map((group) => (
          <GroupCard key={group.number} group={group} chosen={chosen} />
        ))}
      </div>
    </Panel>
  );
}

function GroupCard({ group, chosen }: { group: Group; chosen: string }) {
  const { number, servers, slotCount, outOfSync } = group;
  const id = `group/${number}`;
  return (
    <section class={`card ${id === chosen ? 'chosen' : ''}`} id={id} aria-label={`Group ${number}`}>
      <header>
        <h3>
          <i class="swatch" style={{ '--from': groupColour(number) }} /> Group {number}
        </h3>
        <span class="quiet">{slotCount} slots</span>
        {outOfSync && <Badge state="OUT OF SYNC" tone="warn" />}
        <div class="tools">
          <ActionButton spec={addServer(group)} isSmall about={`to group ${number}`} />
          {servers.length > 1 && (
            <ActionButton spec={replicaReads(group)} isSmall about={`of group ${number}`} />
          )}
          {servers.length > 0 && (
            <ActionButton spec={removeForeignKeys(group)} isSmall about={`from group ${number}`} />
          )}
          {servers.length === 0 && (
            <ActionButton spec={removeGroup(group)} isSmall about={`group ${number}`} />
          )}
        </div>
      </header>
      <Table
        label={`Servers of group ${number}`}
        rows={servers}
        keyOf={({ address }) => `server/${address}`}
        chosen={chosen}
        empty="It has no server."
        columns={[
          { title: 'Server', show: (server) => <ServerName server={server} /> },
          { title: 'Keys', isNumber: true, show: ({ keys }) => count(keys) },
          { title: 'Memory', isNumber: true, show: (server) => <Memory server={server} /> },
          { title: 'Rate', isNumber: true, show: ({ opsPerSecond }) => perSecond(opsPerSecond) },
          { title: 'Link', show: (server) => <Link server={server} /> },
          { title: 'Runs', show: ({ engine, version }) => (engine ? `${engine} ${version ?? ''}` : '–') },
          {
            title: 'Actions',
            show: (server) => (
              <span class="actions">
                <ActionButton spec={updateServer(group, server)} isSmall about={server.address} />
                <ActionButton spec={removeServer(group, server)} isSmall about={server.address} />
              </span>
            ),
          },
        ]}
      />
    </section>
  );
}

function ServerName({
  server: { address, role, reachable, problem, replicaReads, dataCenter },
}: {
  server: Server;
}) {
  return (
    <>
      <strong>{address}</strong> <span class="quiet">{role.toLowerCase()}</span>
      {dataCenter !== null && <span class="quiet"> in {dataCenter}</span>}
      {replicaReads && role === 'REPLICA' && <span class="quiet"> answers reads</span>}
      {!reachable && <Badge state="UNREACHABLE" />}
      {problem !== null && <p class="bad">{problem}</p>}
    </>
  );
}

function Memory({ server: { usedMemory, maxMemory } }: { server: Server }) {
  const limit = Number(maxMemory ?? 0);
  return (
    <>
      {bytes(usedMemory)}
      {limit > 0 && <span class="quiet"> of {bytes(limit)}</span>}
    </>
  );
}

function Link({ server: { role, masterLinkUp, replicationLag } }: { server: Server }) {
  if (role !== 'REPLICA' || masterLinkUp === null) return <span class="quiet">–</span>;
  if (!masterLinkUp) return <Badge state="DOWN" />;
  return <>up, lacks {bytes(replicationLag)}</>;
}
