import { expect, test } from 'vitest';
import { attachStatement } from '../../../src/web/dashboard/pages/binlog/statements.js';

const server = { address: '10.0.0.11:3310', user: "o'brien", tls: true };

test('a statement is in the words of the version of the slave', () => {
  expect(attachStatement('mysql', server, 'here')).toMatch(
    /^CHANGE REPLICATION SOURCE TO\n {2}SOURCE_HOST = '10.0.0.11'[^]*SOURCE_SSL = 1[^]*SOURCE_AUTO_POSITION = 1;\nSTART REPLICA;$/,
  );
  expect(attachStatement('oldMysql', server, 'here')).toMatch(
    /^CHANGE MASTER TO[^]*MASTER_AUTO_POSITION = 1;\nSTART SLAVE;$/,
  );
  expect(attachStatement('mariadb', server, 'here')).toMatch(
    /^CHANGE MASTER TO[^]*MASTER_USE_GTID = slave_pos;\nSTART SLAVE;$/,
  );
});

test('a name with a quote stays one text', () => {
  expect(attachStatement('mysql', server, 'here')).toContain("SOURCE_USER = 'o''brien'");
});

test('a server that listens at all addresses is reached where this page is', () => {
  expect(attachStatement('mariadb', { ...server, address: '0.0.0.0:3310' }, 'store.example')).toContain(
    "MASTER_HOST = 'store.example'",
  );
});
