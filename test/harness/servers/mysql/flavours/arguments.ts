import type { Certificates } from '../../certificates.js';
import type { RoleOptions } from './flavour.js';

/** Servers refuse to run as root unless told. */
export function userArguments(): string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}

export function tlsArguments(tls: Certificates): string[] {
  return [`--ssl-ca=${tls.caFile}`, `--ssl-cert=${tls.certFile}`, `--ssl-key=${tls.keyFile}`];
}

/**
 * What all flavours have in common: a binary log with rows and checksums, small buffers, and no care for the
 * machine's power unless asked.
 */
export function commonArguments(directory: string, port: number, { durable = false }: RoleOptions): string[] {
  return [
    ...[`--datadir=${directory}`, `--socket=${directory}/s`, `--pid-file=${directory}/pid`],
    // No two servers of all tests that run have one port, so neither one id.
    ...['--bind-address=127.0.0.1', `--port=${port}`, `--server-id=${port}`, '--skip-name-resolve'],
    ...['--log-bin=binlog', '--binlog-format=ROW', '--binlog-checksum=CRC32', '--relay-log=relay'],
    ...['--character-set-server=utf8mb4', '--max-allowed-packet=1G', '--performance-schema=OFF'],
    ...['--innodb-buffer-pool-size=64M', '--innodb-doublewrite=OFF', '--key-buffer-size=1M'],
    `--sync-binlog=${durable ? 1 : 0}`,
    `--innodb-flush-log-at-trx-commit=${durable ? 1 : 2}`,
    ...userArguments(),
  ];
}
