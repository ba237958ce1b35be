import { Badge } from '../parts/badge.js';
import { linkTo, linkToObject } from '../shell/router.js';
import { Chart } from '../parts/chart.js';
import { Facts } from '../parts/facts.js';
import { Panel } from '../parts/panel.js';
import { bytesPerSecond, count, milliseconds, perSecond } from '../format/numbers.js';
import { useLive } from '../state/context.js';
import type { Live } from '../state/live.js';
import { ActionList } from './action-list.js';
import { OperationList } from './operation-list.js';
import { ProblemList } from './problem-list.js';

const SHOWN_ACTIONS = 8;

/** What an operator wants to know first. */
export function OverviewPage() {
  return (
    <>
      <HealthPanel />
      <div class="columns">
        <BinlogTraffic />
        <RedisTraffic />
      </div>
      <RunningOperations />
      <LastActions />
    </>
  );
}

function HealthPanel() {
  const { cluster, members, slots, groups, proxies, slaves } = useLive(
    'cluster',
    'members',
    'slots',
    'groups',
    'proxies',
    'slaves',
  );
  if (!cluster) return <p class="quiet">Waiting for the first answer…</p>;
  const { coordinator, leader, epoch } = cluster;
  return (
    <Panel title="Health" tools={<Badge state={cluster.health} />}>
      <Facts
        of={{
          Leader: leader ? <a href={linkTo('members', `member/${leader.name}`)}>{leader.name}</a> : 'none',
          Epoch: epoch ?? '–',
          Members: <a href={linkTo('members')}>{members.size}</a>,
          Coordinator: `${coordinator.kind === 'ETCD' ? 'etcd' : 'embedded'}, ${coordinator.reachable ? 'reachable' : 'not reachable'}`,
          Revision: coordinator.revision,
          Slaves: <a href={linkTo('binlog')}>{slaves.length}</a>,
          Groups: <a href={linkTo('redis')}>{groups.size}</a>,
          Proxies: <a href={linkTo('redis')}>{proxies.size}</a>,
          'Slots without a group':
            slots.length === 0
              ? 'there are no slots yet'
              : slots.filter(({ status }) => status === 'OFFLINE').length || 'none',
        }}
      />
      <ProblemList problems={cluster.problems} />
    </Panel>
  );
}

function timesOf({ throughput }: Live): number[] {
  return throughput.map(({ at }) => Date.parse(at) / 1_000);
}

function BinlogTraffic() {
  const live = useLive('throughput', 'syncer');
  const { syncer, throughput } = live;
  return (
    <Panel title="Binlog" tools={syncer && <Badge state={syncer.state} />}>
      <Chart
        label="Binlog, the last 15 minutes"
        times={timesOf(live)}
        series={[
          {
            label: 'committed',
            values: throughput.map((sample) => sample.journalBytesPerSecond),
            show: bytesPerSecond,
            isBytes: true,
          },
          {
            label: 'sent to slaves',
            values: throughput.map((sample) => sample.sentBytesPerSecond),
            show: bytesPerSecond,
            isBytes: true,
          },
        ]}
      />
      {syncer !== null && syncer.sourceAddress === null && (
        <p class="empty">
          No source is followed. <a href={linkToObject('syncer')}>Start the syncer</a>.
        </p>
      )}
    </Panel>
  );
}

function RedisTraffic() {
  const live = useLive('throughput', 'proxies');
  const { throughput, proxies } = live;
  const sessions = [...proxies.values()].reduce((sum, proxy) => sum + (proxy.sessions ?? 0), 0);
  return (
    <Panel
      title="Redis"
      tools={<span class="quiet">{sessions === 1 ? '1 client' : `${count(sessions)} clients`}</span>}
    >
      <Chart
        label="Redis, the last 15 minutes"
        times={timesOf(live)}
        series={[
          {
            label: 'requests',
            values: throughput.map((sample) => sample.redisOpsPerSecond),
            show: perSecond,
          },
          {
            ...{ label: 'errors', show: perSecond, isSecondary: true },
            values: throughput.map((sample) => sample.redisErrorsPerSecond),
          },
        ]}
      />
      <Chart
        label="Latency of Redis requests over ten seconds each, the last 15 minutes"
        times={timesOf(live)}
        series={[
          {
            ...{ label: 'p50', show: milliseconds },
            values: throughput.map((sample) => sample.redisLatencyP50),
          },
          {
            ...{ label: 'p99', show: milliseconds },
            values: throughput.map((sample) => sample.redisLatencyP99),
          },
        ]}
      />
      {proxies.size === 0 && <p class="empty">No proxy is registered.</p>}
    </Panel>
  );
}

function RunningOperations() {
  const { operations } = useLive('operations');
  const running = [...operations.values()].filter(({ finishedAt }) => finishedAt === null);
  if (running.length === 0) return null;
  return (
    <Panel title="Under way">
      <OperationList operations={running} />
    </Panel>
  );
}

function LastActions() {
  const { actions } = useLive('actions');
  return (
    <Panel title="Last actions" tools={<a href={linkTo('actions')}>all</a>}>
      <ActionList actions={actions.slice(0, SHOWN_ACTIONS)} />
    </Panel>
  );
}
