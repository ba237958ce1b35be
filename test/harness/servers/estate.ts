import { join } from 'node:path';
import { MysqlServer } from './mysql/server.js';
import { QuorateMember } from './quorate.js';
import { RespClient } from './redis-client.js';
import { RedisServer } from './redis.js';
import { temporaryDirectory } from './tmp.js';
import { makeToken, type Role } from './tokens.js';

/** One member with tokens and a proxy, and the servers that a person would bring to it; nothing is configured yet. */
export class Estate {
  private constructor(
    readonly member: QuorateMember,
    readonly tokens: Readonly<Record<Role, string>>,
    readonly tokensFile: string,
    readonly redis: readonly RedisServer[],
    readonly source: MysqlServer,
  ) {}

  /** @param args more of the member's command line */
  static async start(...args: readonly string[]): Promise<Estate> {
    const file = join(temporaryDirectory('tokens'), 'tokens.yaml');
    const tokens = {
      VIEWER: await makeToken(file, 'VIEWER', 'viewer'),
      OPERATOR: await makeToken(file, 'OPERATOR', 'operator'),
      ADMIN: await makeToken(file, 'ADMIN', 'admin'),
    };
    const [member, source, ...redis] = await Promise.all([
      QuorateMember.start({ proxy: true, args: ['--tokens', file, ...args], token: tokens.ADMIN }),
      MysqlServer.start({ flavour: 'mariadb' }),
      RedisServer.start(),
      RedisServer.start(),
      RedisServer.start(),
    ]);
    await source.query('CREATE DATABASE shop');
    await source.query('CREATE TABLE shop.t (id INT PRIMARY KEY AUTO_INCREMENT, text VARCHAR(200))');
    return new Estate(member, tokens, file, redis, source);
  }

  /** Two groups with a server each, half of the slots to each of them, and so many keys. */
  async shard(keys: number): Promise<void> {
    const { member, redis } = this;
    const groups = [1, 2].map(
      (number) => `
        g${number}: createGroup(input: { number: ${number} }) { userErrors { message } }
        s${number}: addServer(input: { group: ${number}, address: "${redis[number - 1]!.address}" }) { userErrors { message } }`,
    );
    await member.run(`mutation { ${groups.join('\n')} initSlots { userErrors { message } }
      a1: assignSlots(input: { from: 0, to: 511, group: 1 }) { userErrors { message } }
      a2: assignSlots(input: { from: 512, to: 1023, group: 2 }) { userErrors { message } } }`);
    const client = await RespClient.connect(member.proxyPort!);
    for (let i = 0; i < keys; i++) await client.ask('SET', `key:${i}`, `value ${i}`);
    client.close();
  }

  async stop(): Promise<void> {
    const { member, redis, source } = this;
    await Promise.all([member.stop(), source.remove(), ...redis.map((server) => server.stop())]);
  }
}
