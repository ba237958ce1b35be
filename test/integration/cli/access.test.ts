import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createToken } from '../../../src/http/tokens.js';
import { runQuorate, type Finished } from '../../harness/servers/command.js';
import { QuorateMember } from '../../harness/servers/quorate.js';
import { temporaryDirectory } from '../../harness/servers/tmp.js';

const folder = temporaryDirectory('tokens');
const file = join(folder, 'tokens.yaml');
const viewer = createToken(file, 'looker', 'VIEWER', null);
let member: QuorateMember;

beforeAll(async () => {
  member = await QuorateMember.start({ args: ['--tokens', file] });
});
afterAll(() => member?.stop());

const quorate = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> =>
  runQuorate([...args, '--url', member.url], env);

describe('a member with tokens', () => {
  test('refuses who has none', async () => {
    for (const what of ['status', 'watch']) {
      expect(await quorate([what])).toMatchObject({
        status: 3,
        stdout: '',
        stderr: expect.stringContaining('token'),
      });
    }
  });

  test('answers who has one, in a file or in the environment', async () => {
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, `${viewer}\n`);
    expect((await quorate(['status', '--token-file', tokenFile])).status).toBe(0);
    expect((await quorate(['status'], { QUORATE_TOKEN: viewer })).status).toBe(0);
  });

  test('refuses what the role does not allow, and says which is needed', async () => {
    const { status, stderr } = await quorate(['groups', 'create', '1'], { QUORATE_TOKEN: viewer });
    expect(status).toBe(3);
    expect(stderr).toContain('OPERATOR');
  });
});
