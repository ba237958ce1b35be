import { nameOf } from '../format/slave.js';
import type { BinlogServer, Slave } from '../../../sdk/browser.js';
import { AttachStatement } from '../pages/binlog/attach-statement.js';
import type { ActionSpec, FieldSpec } from './action.js';
import { tlsFields } from './tls-fields.js';

const NAME: FieldSpec = { name: 'name', label: 'Name', kind: 'text', isRequired: true, placeholder: 'b1' };

/** @param members names of those it may run on */
export function startBinlogServer(members: readonly string[], server?: BinlogServer): ActionSpec {
  return {
    method: 'startBinlogServer',
    title: server ? `Start the binlog server ${server.name}` : 'Start a binlog server',
    label: server ? 'Start' : 'Start a binlog server',
    ...(server && { fixed: { name: server.name } }),
    fields: [
      ...(server ? [] : [NAME]),
      {
        name: 'member',
        label: 'Runs on',
        kind: 'choice',
        initial: server && !server.onEveryMember ? server.member.name : '',
        choices: [
          { value: '', label: 'every member' },
          ...members.map((name) => ({ value: name, label: `member ${name}` })),
        ],
      },
      {
        name: 'address',
        label: 'Listens at',
        kind: 'text',
        isRequired: true,
        placeholder: 'HOST:PORT',
        initial: server?.address ?? '',
      },
      {
        name: 'user',
        label: 'Slaves log in as',
        kind: 'text',
        isRequired: true,
        initial: server?.user ?? '',
      },
      { name: 'password', label: 'With the password', kind: 'password', isRequired: true },
      ...tlsFields(false),
    ],
    next: ({ binlogServer }) => <AttachStatement server={binlogServer as BinlogServer} />,
  };
}

export function stopBinlogServer({ name }: BinlogServer): ActionSpec {
  return {
    method: 'stopBinlogServer',
    title: `Stop the binlog server ${name}`,
    label: 'Stop',
    fixed: { name },
    fields: [],
    note: 'Its slaves are disconnected, and it listens no more until it is started again.',
  };
}

export function removeBinlogServer({ name }: BinlogServer): ActionSpec {
  return {
    method: 'removeBinlogServer',
    title: `Remove the binlog server ${name}`,
    label: 'Remove',
    fixed: { name },
    fields: [],
    destroys: { name },
    note: 'It stops when it runs, and is forgotten with its account.',
  };
}

export function disconnectSlave(slave: Slave): ActionSpec {
  const { binlogServer, connectionId, member } = slave;
  return {
    method: 'disconnectSlave',
    title: `Disconnect the slave ${nameOf(slave)}`,
    label: 'Disconnect',
    fixed: { binlogServer: binlogServer.name, connectionId, member: member.name },
    fields: [],
    note: 'It may come again by itself.',
  };
}
