export type Tone = 'good' | 'warn' | 'bad' | 'idle' | 'busy';

const TONES: Readonly<Record<string, Tone>> = {
  ...{ OK: 'good', HEALTHY: 'good', RUNNING: 'good', ONLINE: 'good', SUCCEEDED: 'good' },
  ...{ DEGRADED: 'warn', WARNING: 'warn', RETRYING: 'warn', PAUSED: 'warn', MARK_OFFLINE: 'warn' },
  ...{ DOWN: 'bad', CRITICAL: 'bad', FAILED: 'bad', FAULTY: 'bad', UNREACHABLE: 'bad', FENCED: 'bad' },
  ...{ CONNECTING: 'busy', STARTING: 'busy', CATCHING_UP: 'busy', JOINING: 'busy', MIGRATE: 'busy' },
  ...{ PRE_MIGRATE: 'busy', PENDING: 'busy', CANCELLING: 'busy' },
};

export function toneOf(state: string): Tone {
  return TONES[state] ?? 'idle';
}

/** A state in its own word; the colour only repeats what the word says. */
export function Badge({ state, tone = toneOf(state) }: { state: string; tone?: Tone }) {
  return <span class={`badge ${tone}`}>{state.replaceAll('_', ' ')}</span>;
}
