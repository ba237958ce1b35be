import type { Group, Server } from '../../../sdk/browser.js';
import type { ActionSpec } from './action.js';

export const CREATE_GROUP: ActionSpec = {
  method: 'createGroup',
  title: 'Create a group',
  fields: [
    {
      name: 'number',
      label: 'Number',
      kind: 'number',
      isRequired: true,
      help: '1 to 9999',
      placeholder: '1',
    },
  ],
};

export function removeGroup({ number }: Group): ActionSpec {
  return {
    method: 'removeGroup',
    title: `Remove group ${number}`,
    label: 'Remove',
    fixed: { number },
    fields: [],
    destroys: { name: `group ${number}` },
    note: 'Refused while a slot refers to it or a server is in it.',
  };
}

export function addServer({ number }: Group): ActionSpec {
  return {
    method: 'addServer',
    title: `Add a server to group ${number}`,
    label: 'Add a server',
    fixed: { group: number },
    note: 'The first server becomes the master; the next replicate from it, and lose what they hold.',
    fields: [
      { name: 'address', label: 'Address', kind: 'text', isRequired: true, placeholder: 'HOST:PORT' },
      { name: 'password', label: 'Password', kind: 'password', help: 'Empty: it asks for none.' },
      { name: 'dataCenter', label: 'Data centre', kind: 'text' },
    ],
  };
}

export function updateServer({ number }: Group, { address }: Server): ActionSpec {
  return {
    method: 'updateServer',
    title: `Change what is recorded of ${address}`,
    label: 'Update',
    fixed: { group: number, address },
    note: 'A password or an address is tried before it is stored. Connections that are open live on.',
    fields: [
      {
        name: 'newAddress',
        label: 'New address',
        kind: 'text',
        placeholder: 'HOST:PORT',
        help: 'Empty: it stays as it is.',
      },
      { name: 'password', label: 'New password', kind: 'password', help: 'Empty: it stays as it is.' },
      { name: 'dataCenter', label: 'Data centre', kind: 'text', help: 'Empty: it stays as it is.' },
    ],
  };
}

export function removeServer({ number }: Group, { address }: Server): ActionSpec {
  return {
    method: 'removeServer',
    title: `Remove ${address} from group ${number}`,
    label: 'Remove',
    fixed: { group: number, address },
    destroys: { name: address },
    note: 'It keeps running as it is, and nobody here uses it.',
    fields: [{ name: 'force', label: 'Also as the master of other servers', kind: 'check', role: 'ADMIN' }],
  };
}

export function removeForeignKeys({ number }: Group): ActionSpec {
  return {
    method: 'removeForeignKeys',
    title: `Remove keys of slots that group ${number} does not own`,
    label: 'Remove foreign keys',
    role: 'ADMIN',
    fixed: { group: number },
    fields: [],
    destroys: { name: `group ${number}` },
    note: 'From an old snapshot, say, or left behind by a forced assignment. Nobody is served them.',
  };
}

export function replicaReads({ number, servers }: Group): ActionSpec {
  const isOn = servers.some(({ replicaReads }) => replicaReads);
  return {
    method: 'setReplicaReads',
    title: isOn
      ? `Reads of group ${number} from its master only`
      : `Let replicas of group ${number} answer reads`,
    label: isOn ? 'Reads from the master only' : 'Reads from replicas',
    fixed: { group: number, enabled: !isOn },
    fields: [],
    ...(!isOn && { note: 'What a replica answers may be older than the last write.' }),
  };
}
