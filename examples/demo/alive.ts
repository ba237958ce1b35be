import type { QuorateMember } from '../../test/harness/servers/quorate.js';

interface State {
  readonly cluster: { readonly health: string; readonly problems: readonly { readonly message: string }[] };
  readonly syncer: { readonly state: string };
  readonly slaves: readonly unknown[];
  readonly members: readonly { readonly state: string; readonly role: string }[];
  readonly proxies: readonly { readonly state: string; readonly opsPerSecond: number }[];
  readonly groups: readonly { readonly servers: readonly { role: string; masterLinkUp: boolean | null }[] }[];
}

const STATE = `{
  cluster { health problems { message } }
  syncer { state }
  slaves { id }
  members { state role }
  proxies { state opsPerSecond }
  groups { servers { role masterLinkUp } }
}`;

/** Whether everything that the demo has is there and works; throws what is not. */
export async function isAlive(api: QuorateMember): Promise<boolean> {
  const { cluster, syncer, slaves, members, proxies, groups } = await api.run<State>(STATE);
  const servers = groups.flatMap((group) => group.servers);
  const checks: readonly (readonly [boolean, string])[] = [
    [cluster.health === 'OK', cluster.problems.map(({ message }) => message).join(' ') || cluster.health],
    [syncer.state === 'RUNNING', `the syncer is ${syncer.state}`],
    [slaves.length > 0, 'no replica is attached'],
    [members.length === 2 && members.every(({ role }) => role === 'VOTER'), 'a member has no vote'],
    [members.every(({ state }) => state === 'HEALTHY'), 'a member is away'],
    [proxies.length === 2 && proxies.every(({ state }) => state === 'ONLINE'), 'a proxy is away'],
    [proxies.every(({ opsPerSecond }) => opsPerSecond > 0), 'a proxy has nothing to do'],
    [
      servers.length === 4 &&
        servers.every(({ role, masterLinkUp }) => role === 'MASTER' || masterLinkUp === true),
      'a Redis replica is away',
    ],
  ];
  const wrong = checks.find(([isSo]) => !isSo);
  if (wrong) throw new Error(wrong[1]);
  return true;
}
