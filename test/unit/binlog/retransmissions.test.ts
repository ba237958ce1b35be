import { describe, expect, test } from 'vitest';
import { connectionKey } from '../../../src/binlog/server/retransmissions.js';

/** As the tables of a Linux machine name them (proc_net(5)). */
describe('connections are named as in the tables of the system', () => {
  test.each([
    ['127.0.0.1', '0100007F'],
    ['10.1.2.30', '1E02010A'],
    ['::1', '00000000000000000000000001000000'],
    ['::', '00000000000000000000000000000000'],
    ['::ffff:127.0.0.1', '0000000000000000FFFF00000100007F'],
    ['fe80::1:2%eth0', '000080FE000000000000000002000100'],
    ['2001:db8:1:2:3:4:5:6', 'B80D0120020001000400030006000500'],
  ])('%s', (address, name) => {
    expect(connectionKey({ address, port: 3310 }, { address, port: 51_000 })).toBe(
      `${name}:0CEE ${name}:C738`,
    );
  });
});
