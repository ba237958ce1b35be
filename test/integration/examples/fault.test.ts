import { afterAll, expect, test } from 'vitest';
import {
  changeSyncer,
  sourceInput,
  untilCaughtUp,
  untilSyncer,
} from '../../harness/servers/binlog/binlog-api.js';
import { MysqlServer } from '../../harness/servers/mysql/server.js';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { TcpRelay } from '../../harness/servers/tcp-relay.js';

const ends: (() => Promise<unknown>)[] = [];
afterAll(() => Promise.all(ends.map((end) => end())));

test('a member goes on with its source after the network between them was cut', async () => {
  const source = await MysqlServer.start({ flavour: 'mariadb' });
  const network = await TcpRelay.start(source.port);
  const member = await QuorateMember.start();
  ends.push(
    () => member.kill(),
    () => network.stop(),
    () => source.remove(),
  );
  await changeSyncer(member, 'startSyncer', sourceInput({ address: `127.0.0.1:${network.port}` }));
  await untilCaughtUp(member, source);

  network.cut();
  await source.query('CREATE DATABASE shop');
  await untilSyncer(member, ({ state }) => state !== 'RUNNING');
  network.restore();

  expect((await untilCaughtUp(member, source)).state).toBe('RUNNING');
});
