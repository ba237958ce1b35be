import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Slot } from '../../harness/generated/answers.js';
import { QuorateMember, type GraphqlAnswer } from '../../harness/servers/quorate.js';
import { RedisServer } from '../../harness/servers/redis.js';

let member: QuorateMember;
let redis: RedisServer;

beforeAll(async () => {
  [member, redis] = await Promise.all([QuorateMember.start(), RedisServer.start()]);
  await member.run('mutation { initSlots { userErrors { message } } }');
  await member.run(
    `mutation {
      createGroup(input: { number: 1 }) { userErrors { message } }
      addServer(input: { group: 1, address: "${redis.address}" }) { userErrors { message } }
      assignSlots(input: { from: 0, to: 1023, group: 1 }) { userErrors { message } }
    }`,
  );
});

afterAll(async () => {
  await member?.stop();
  await redis?.stop();
});

/** Slots by the alias under which they were asked for. */
type Body = GraphqlAnswer<Record<string, readonly Slot[]>>;

async function ask(query: string): Promise<{ status: number; body: Body }> {
  const answer = await fetch(`${member.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return { status: answer.status, body: (await answer.json()) as Body };
}

const SLOT = 'number status group { number servers { address role } } operation { id }';

test('a query that asks for all slots thirty times is refused, by whatever way it is written', async () => {
  const aliases = Array.from({ length: 30 }, (_, i) => `a${i}: slots { ${SLOT} }`).join(' ');
  const answers = await Promise.all(Array.from({ length: 5 }, () => ask(`{ ${aliases} }`)));
  for (const { status, body } of answers) {
    expect(status).toBe(400);
    expect(body.errors?.[0]?.extensions).toEqual({ code: 'LIMIT_EXCEEDED' });
    expect(body.data).toBeUndefined();
  }
});

test('five large queries at once are answered, and small ones do not wait for them', async () => {
  const finished: string[] = [];
  const note = (what: string) => (answer: { body: Body }) => {
    finished.push(what);
    return answer;
  };
  const large = Array.from({ length: 5 }, () =>
    ask(`{ a: slots { ${SLOT} } b: slots { ${SLOT} } c: slots { ${SLOT} } }`).then(note('large')),
  );
  for (let i = 0; i < 3; i++) await ask('{ cluster { name } }').then(note('small'));
  for (const { body } of await Promise.all(large)) {
    expect(body.errors).toBeUndefined();
    const { a, c } = body.data!;
    expect([a!.length, c![1023]!.group!.servers[0]!.address]).toEqual([1024, redis.address]);
  }
  expect(finished.slice(0, 2)).toEqual(['small', 'small']);
});
