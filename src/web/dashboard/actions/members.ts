import type { Member } from '../../../sdk/browser.js';
import type { ActionSpec } from './action.js';

export const ADD_MEMBER: ActionSpec = {
  method: 'addMember',
  title: 'Add a member',
  role: 'ADMIN',
  note: 'Names it; then start it. It learns until it has what is committed, and then votes by itself.',
  fields: [
    { name: 'name', label: 'Name', kind: 'text', isRequired: true, placeholder: 'm2' },
    {
      name: 'peerUrls',
      label: 'Peer URLs',
      kind: 'lines',
      isRequired: true,
      placeholder: 'tcp://10.0.0.12:4100',
      help: 'Where the others fetch its journal.',
    },
    { name: 'adminUrls', label: 'API URLs', kind: 'lines', placeholder: 'http://10.0.0.12:4000' },
  ],
};

export function memberActions({ name, isLeader, peerUrls, adminUrls }: Member): ActionSpec[] {
  const role = 'ADMIN';
  const lead: ActionSpec = {
    method: 'transferLeadership',
    title: `Let ${name} lead`,
    label: 'Let it lead',
    role,
    fixed: { to: name },
    fields: [],
    note: 'The syncer stops at the present leader and goes on there.',
  };
  const peers: ActionSpec = {
    method: 'updateMember',
    title: `Peer URLs of ${name}`,
    label: 'Peer URLs',
    role,
    fixed: { name },
    note: 'When it starts, a member says itself where it is.',
    fields: [
      {
        name: 'newPeerUrls',
        label: 'Peer URLs',
        kind: 'lines',
        isRequired: true,
        initial: peerUrls.join('\n'),
      },
    ],
  };
  const admin: ActionSpec = {
    method: 'updateAdminUrls',
    title: `API URLs of ${name}`,
    label: 'API URLs',
    role,
    fixed: { name },
    fields: [
      {
        name: 'adminUrls',
        label: 'API URLs',
        kind: 'lines',
        isRequired: true,
        initial: adminUrls.join('\n'),
      },
    ],
  };
  const remove: ActionSpec = {
    method: 'removeMember',
    title: `Remove the member ${name}`,
    label: 'Remove',
    role,
    fixed: { name },
    destroys: { name },
    note: 'Its process ends. It may be added again, and then comes with an empty data directory.',
    fields: [
      {
        name: 'force',
        label: 'Also while another member that votes does not run',
        kind: 'check',
        help: 'Never without a majority of the rest.',
      },
    ],
  };
  return [...(isLeader ? [] : [lead]), peers, admin, remove];
}
