import type { Cluster, Member } from '../../../sdk/browser.js';
import { ActionButton } from '../actions/action-button.js';
import { ADD_MEMBER, memberActions } from '../actions/members.js';
import type { Place } from '../shell/router.js';
import { bytes } from '../format/numbers.js';
import { since } from '../format/time.js';
import { Badge } from '../parts/badge.js';
import { Facts } from '../parts/facts.js';
import { Panel } from '../parts/panel.js';
import { Table } from '../parts/table.js';
import { useLive } from '../state/context.js';

export function MembersPage({ place }: { place: Place }) {
  const { members, cluster } = useLive('members', 'cluster');
  return (
    <>
      <Panel title="Members" tools={<ActionButton spec={ADD_MEMBER} />}>
        <MemberTable
          members={[...members.values()].sort((a, b) => (a.name < b.name ? -1 : 1))}
          chosen={place.object}
        />
      </Panel>
      {cluster && <Coordinator coordinator={cluster.coordinator} />}
    </>
  );
}

function MemberTable({ members, chosen }: { members: readonly Member[]; chosen: string }) {
  return (
    <Table
      label="Members"
      rows={members}
      keyOf={({ name }) => `member/${name}`}
      chosen={chosen}
      empty="None is known."
      columns={[
        {
          title: 'Name',
          show: ({ name, isLeader }) => (
            <>
              <strong>{name}</strong> {isLeader && <Badge state="LEADER" tone="good" />}
            </>
          ),
        },
        { title: 'State', show: ({ state }) => <Badge state={state} /> },
        { title: 'Role', show: ({ role }) => role.toLowerCase() },
        { title: 'Journal', isNumber: true, show: ({ journalOffset }) => bytes(journalOffset) },
        { title: 'Behind', isNumber: true, show: ({ lag }) => bytes(lag) },
        { title: 'Runs for', isNumber: true, show: ({ startedAt }) => since(startedAt) },
        { title: 'Version', show: ({ version }) => version ?? '–' },
        {
          title: 'Addresses',
          show: ({ peerUrls, adminUrls }) => (
            <span class="quiet">{[...adminUrls, ...peerUrls].join(' ') || '–'}</span>
          ),
        },
        {
          title: 'Actions',
          show: (member) =>
            memberActions(member).map((spec) => <ActionButton spec={spec} isSmall about={member.name} />),
        },
      ]}
    />
  );
}

function Coordinator({ coordinator }: Pick<Cluster, 'coordinator'>) {
  const { kind, endpoints, reachable, revision, members } = coordinator;
  return (
    <Panel
      title="Coordinator"
      tools={<Badge state={reachable ? 'REACHABLE' : 'UNREACHABLE'} tone={reachable ? 'good' : 'bad'} />}
    >
      <Facts
        of={{
          Kind: kind === 'ETCD' ? 'etcd' : 'embedded in this member',
          Revision: revision,
          ...(endpoints.length > 0 && { Endpoints: endpoints.join(' ') }),
        }}
      />
      {kind === 'ETCD' && (
        <Table
          label="Members of etcd"
          rows={members}
          keyOf={({ id }) => id}
          empty="etcd does not say who its members are."
          columns={[
            {
              title: 'Name',
              show: ({ name, isLeader }) => (
                <>
                  {name || 'not started'} {isLeader && <Badge state="LEADER" tone="good" />}
                </>
              ),
            },
            { title: 'Role', show: ({ isLearner }) => (isLearner ? 'learner' : 'voter') },
            { title: 'Clients', show: ({ clientUrls }) => clientUrls.join(' ') },
            { title: 'Peers', show: ({ peerUrls }) => peerUrls.join(' ') },
          ]}
        />
      )}
    </Panel>
  );
}
