import { hostOf } from '../../format/slave.js';
import type { Tone } from '../../parts/badge.js';
import { toneOf } from '../../parts/badge.js';
import { bytes, bytesPerSecond } from '../../format/numbers.js';
import { duration } from '../../format/time.js';
import type { Slave } from '../../../../sdk/browser.js';
import type { Live } from '../../state/live.js';
import { linkTo } from '../../shell/router.js';

/** Something that binlog flows through. */
export interface PictureNode {
  readonly id: string;
  readonly title: string;
  readonly kind: string;
  readonly state: string | null;
  readonly lines: readonly string[];
  readonly href: string;
}

/** A way that it flows. */
export interface PictureEdge {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly tone: Tone;
}

export interface Picture {
  /** From the source to the slaves. */
  readonly columns: readonly (readonly PictureNode[])[];
  readonly edges: readonly PictureEdge[];
}

type Known = Pick<Live, 'syncer' | 'members' | 'binlogServers' | 'slaves'>;

/** Source, syncer, members, binlog servers and slaves, and what flows between them. */
export function drawPicture({ syncer, members, binlogServers, slaves }: Known): Picture {
  const sorted = [...members.values()].sort(
    (a, b) => Number(b.isLeader) - Number(a.isLeader) || (a.name < b.name ? -1 : 1),
  );
  const leader = sorted.find(({ isLeader }) => isLeader);
  const edges: PictureEdge[] = [];
  const sources: PictureNode[] = [];
  const syncers: PictureNode[] = [];
  if (syncer?.sourceAddress != null) {
    const href = linkTo('binlog', 'syncer');
    const rate = bytesPerSecond(syncer.bytesPerSecond);
    sources.push({
      ...{ id: 'source', kind: 'source', title: syncer.sourceAddress, state: null, href },
      lines: [`${syncer.flavour === 'MARIADB' ? 'MariaDB' : 'MySQL'} ${syncer.sourceVersion ?? ''}`.trim()],
    });
    syncers.push({
      ...{ id: 'syncer', kind: 'syncer', title: 'syncer', state: syncer.state, href },
      lines: [syncer.semiSyncActive ? 'semi-synchronous' : 'asynchronous'],
    });
    const behind = syncer.secondsBehindSource;
    const tone = toneOf(syncer.state);
    edges.push({
      ...{ from: 'source', to: 'syncer', tone },
      label: behind === null || behind < 1 ? rate : `${rate}, ${duration(Math.round(behind))} behind`,
    });
    if (leader) edges.push({ from: 'syncer', to: `member/${leader.name}`, label: rate, tone });
  }
  for (const member of sorted) {
    if (member === leader || !leader) continue;
    const isNear = member.state === 'HEALTHY';
    edges.push({
      ...{ from: `member/${leader.name}`, to: `member/${member.name}` },
      label: member.lag === null ? '' : `lacks ${bytes(member.lag)}`,
      tone: isNear ? 'good' : toneOf(member.state),
    });
  }
  const places = [...binlogServers.values()].flatMap((server) => {
    const at = server.onEveryMember ? sorted.map(({ name }) => name) : [server.member.name];
    return at.map((member) => ({ server, member, id: `binlogServer/${server.name}@${member}` }));
  });
  for (const { server, member, id } of places) {
    const served = slaves.filter((slave) => placeOf(slave) === id);
    const rate = served.reduce((sum, slave) => sum + Number(slave.bytesPerSecond), 0);
    const label = served.length > 0 ? bytesPerSecond(rate) : '';
    edges.push({ from: `member/${member}`, to: id, label, tone: toneOf(server.state) });
  }
  for (const slave of slaves) {
    const lag = Number(slave.lagBytes);
    edges.push({
      from: placeOf(slave),
      to: slave.id,
      label: slave.stale
        ? 'not heard of'
        : `${bytesPerSecond(slave.bytesPerSecond)}${lag > 0 ? `, lacks ${bytes(lag)}` : ''}`,
      tone: slave.stale || (slave.lagSeconds ?? 0) > 10 ? 'warn' : 'good',
    });
  }
  return {
    columns: [
      sources,
      syncers,
      sorted.map((member) => ({
        ...{ id: `member/${member.name}`, kind: member.isLeader ? 'leader' : 'member', title: member.name },
        ...{
          state: member.state,
          lines: [bytes(member.committedOffset)],
          href: linkTo('members', `member/${member.name}`),
        },
      })),
      places.map(({ server, member, id }) => ({
        ...{ id, kind: 'binlog server', title: server.name, state: server.state },
        lines: [server.address, ...(server.onEveryMember ? [`at ${member}`] : [])],
        href: linkTo('binlog', `binlogServer/${server.name}`),
      })),
      slaves.map((slave) => ({
        ...{ id: slave.id, kind: 'slave', title: slave.hostName ?? hostOf(slave.address), state: null },
        lines: [`server_id ${slave.serverId}`, slave.semiSync ? 'semi-synchronous' : slave.address],
        href: linkTo('binlog', slave.id),
      })),
    ].filter((column) => column.length > 0),
    edges,
  };
}

/** The listener that serves a slave: a binlog server may have one at every member. */
function placeOf({ binlogServer, member }: Slave): string {
  return `binlogServer/${binlogServer.name}@${member.name}`;
}
