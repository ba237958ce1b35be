import type { BinlogServer } from '../../../../sdk/browser.js';

export const SLAVE_KINDS = {
  mysql: 'MySQL 8.0.23 or newer',
  oldMysql: 'MySQL 5.6 to 8.0.22',
  mariadb: 'MariaDB',
} as const;
export type SlaveKind = keyof typeof SLAVE_KINDS;

type Listener = Pick<BinlogServer, 'address' | 'user' | 'tls'>;

/**
 * The statements that attach a slave. MySQL has said SOURCE and REPLICA since 8.0.23 and MASTER and SLAVE before.
 *
 * @param here the host of this page, for a server that listens at all addresses
 */
export function attachStatement(kind: SlaveKind, { address, user, tls }: Listener, here: string): string {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  const word = kind === 'mysql' ? 'SOURCE' : 'MASTER';
  const settings = [
    `${word}_HOST = ${quoted(['0.0.0.0', '::'].includes(host) ? here : host)}`,
    `${word}_PORT = ${address.slice(colon + 1)}`,
    `${word}_USER = ${quoted(user)}`,
    `${word}_PASSWORD = '…'`,
    ...(tls ? [`${word}_SSL = 1`] : []),
    kind === 'mariadb' ? 'MASTER_USE_GTID = slave_pos' : `${word}_AUTO_POSITION = 1`,
  ];
  const change = kind === 'mysql' ? 'CHANGE REPLICATION SOURCE TO' : 'CHANGE MASTER TO';
  return `${change}\n  ${settings.join(',\n  ')};\n${kind === 'mysql' ? 'START REPLICA' : 'START SLAVE'};`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
