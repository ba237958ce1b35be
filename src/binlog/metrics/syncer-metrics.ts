import { oneOf, only, type MetricSource } from '../../telemetry/metrics.js';
import type { SyncerReport } from '../member/syncer-report.js';
import type { Received, SyncerStatus } from '../syncer/syncer-status.js';

const STATES = ['STOPPED', 'CONNECTING', 'RUNNING', 'RETRYING', 'FAILED'] as const;

/** The metrics of the syncer, which runs on the member that leads: elsewhere it is STOPPED. */
export function syncerMetrics(status: SyncerStatus, ownSyncer: () => SyncerReport | null): MetricSource[] {
  const received = (name: keyof Received, help: string): MetricSource => ({
    ...{ name: `quorate_syncer_received_${name}_total`, help, type: 'counter', labels: [] },
    read: () => only(status.received[name]),
  });
  return [
    {
      name: 'quorate_syncer_state',
      help: '1 for the state that the syncer is in on this member.',
      labels: ['state'],
      read: () => oneOf('state', STATES, ownSyncer()?.state ?? 'STOPPED'),
    },
    received('events', 'Events that the source has sent.'),
    received('bytes', 'Bytes of events that the source has sent.'),
    received('transactions', 'Transactions that the source has sent.'),
    {
      name: 'quorate_syncer_reconnects_total',
      help: 'How often the source was lost, or could not be followed.',
      type: 'counter',
      labels: [],
      read: () => only(status.reconnects),
    },
    {
      name: 'quorate_syncer_seconds_behind_source',
      help: 'How old the commit at the source is that has come last; 0 when nothing comes.',
      labels: [],
      read: () => only(status.secondsBehindSource),
    },
    {
      name: 'quorate_syncer_semi_sync_active',
      help: '1 while the source waits for our acknowledgements.',
      labels: [],
      read: () => only(Number(status.isSemiSyncActive)),
    },
  ];
}
