import { afterEach, describe, expect, test } from 'vitest';
import {
  changeSyncer,
  sourceInput,
  untilCaughtUp,
  untilSyncer,
} from '../../../harness/servers/binlog/binlog-api.js';
import { FLAVOUR_NAMES, isMissing } from '../../../harness/servers/mysql/flavours/flavours.js';
import { ServerSet } from '../../../harness/servers/mysql/server-set.js';
import { QuorateMember } from '../../../harness/servers/quorate.js';

const servers = new ServerSet();
const members: QuorateMember[] = [];

afterEach(async () => {
  for (const member of members.splice(0)) await member.kill();
  await servers.remove();
});

describe.each(FLAVOUR_NAMES)('a journal of %s that has begun and has nothing yet', (flavour) => {
  test.skipIf(isMissing(flavour))('begins elsewhere when it is told to', async () => {
    const source = await servers.start({ flavour });
    const member = await QuorateMember.start();
    members.push(member);
    await changeSyncer(member, 'startSyncer', sourceInput(source));
    await untilSyncer(member, ({ state }) => state === 'RUNNING');
    await changeSyncer(member, 'stopSyncer');
    await source.query('CREATE DATABASE d');
    const startAfterGtidSet = await source.gtidExecuted();
    await source.query('CREATE DATABASE e');
    const again = await changeSyncer(member, 'startSyncer', sourceInput(source, { startAfterGtidSet }));
    expect(again.userErrors).toEqual([]);
    const { purgedGtidSet } = await untilCaughtUp(member, source);
    expect(purgedGtidSet).toBe(startAfterGtidSet);

    await changeSyncer(member, 'stopSyncer');
    const refused = await changeSyncer(member, 'startSyncer', sourceInput(source, { startAfterGtidSet }));
    expect(refused.userErrors).toMatchObject([{ code: 'PRECONDITION_FAILED' }]);
    expect(refused.userErrors[0]!.message).toContain('restartJournalAfter');
  });
});
