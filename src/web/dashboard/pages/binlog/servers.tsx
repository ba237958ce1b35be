import { useState } from 'preact/hooks';
import type { BinlogServer } from '../../../../sdk/browser.js';
import { ActionButton } from '../../actions/action-button.js';
import { removeBinlogServer, startBinlogServer, stopBinlogServer } from '../../actions/binlog-servers.js';
import { Badge } from '../../parts/badge.js';
import { Dialog } from '../../parts/dialog.js';
import { Panel } from '../../parts/panel.js';
import { Table } from '../../parts/table.js';
import { useLive } from '../../state/context.js';
import { AttachStatement } from './attach-statement.js';

/** The listeners that look to slaves like the source. */
export function ServersPanel({ chosen }: { chosen: string }) {
  const { binlogServers, members } = useLive('binlogServers', 'members');
  const names = [...members.keys()].sort();
  return (
    <Panel title="Binlog servers" tools={<ActionButton spec={startBinlogServer(names)} />}>
      <Table
        label="Binlog servers"
        rows={[...binlogServers.values()].sort((a, b) => (a.name < b.name ? -1 : 1))}
        keyOf={({ name }) => `binlogServer/${name}`}
        chosen={chosen}
        empty="Slaves have nothing to attach to yet."
        columns={[
          { title: 'Name', show: ({ name }) => <strong>{name}</strong> },
          {
            title: 'State',
            show: ({ state, stateReason }) => (
              <>
                <Badge state={state} />
                {stateReason !== null && <p class="bad">{stateReason}</p>}
              </>
            ),
          },
          { title: 'At', show: ({ address }) => address },
          {
            title: 'On',
            show: ({ onEveryMember, member }) => (onEveryMember ? 'every member' : member.name),
          },
          { title: 'User', show: ({ user }) => user },
          { title: 'TLS', show: ({ tls }) => (tls ? 'offered' : 'off') },
          { title: 'Slaves', isNumber: true, show: ({ slaves }) => slaves.length },
          {
            title: 'Actions',
            show: (server) => (
              <>
                <AttachButton server={server} />
                {server.state === 'STOPPED' ? (
                  <ActionButton spec={startBinlogServer(names, server)} isSmall about={server.name} />
                ) : (
                  <ActionButton spec={stopBinlogServer(server)} isSmall about={server.name} />
                )}
                <ActionButton spec={removeBinlogServer(server)} isSmall about={server.name} />
              </>
            ),
          },
        ]}
      />
    </Panel>
  );
}

function AttachButton({ server }: { server: BinlogServer }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        class="small"
        aria-label={`Attach a slave to ${server.name}`}
        onClick={() => setOpen(true)}
      >
        Attach a slave
      </button>
      {isOpen && (
        <Dialog title={`Attach a slave to ${server.name}`} onClose={() => setOpen(false)}>
          <AttachStatement server={server} />
        </Dialog>
      )}
    </>
  );
}
