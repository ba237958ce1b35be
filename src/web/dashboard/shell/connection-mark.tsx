import { useEffect, useReducer } from 'preact/hooks';
import { clock } from '../format/time.js';
import type { Connection } from '../state/connection.js';
import { useLive } from '../state/context.js';

const BACK_SHOWN_MS = 10_000;

/** Says that what is shown is no longer followed, and then, for a while, that it is again. */
export function ConnectionMark({ connection: { lostSince, backSince } }: { connection: Connection }) {
  useLive('connection');
  const [, redraw] = useReducer((times: number) => times + 1, 0);
  useEffect(() => {
    if (backSince === null) return undefined;
    const timer = setTimeout(() => redraw(undefined), BACK_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [backSince]);
  const at = (time: number): string => clock(new Date(time).toISOString());
  if (lostSince !== null) {
    return (
      <p class="connection lost" role="alert">
        The connection is lost since {at(lostSince)}. What you see is of then; it is tried again by itself.
      </p>
    );
  }
  if (backSince === null || Date.now() - backSince >= BACK_SHOWN_MS) return null;
  return (
    <p class="connection back" role="status">
      The connection is back since {at(backSince)}. Nothing was missed.
    </p>
  );
}
