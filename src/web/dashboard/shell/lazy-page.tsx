import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Failure } from '../parts/failure.js';
import type { Place } from './router.js';

export type PageOf = (props: { place: Place }) => JSX.Element;

/** A page whose script is loaded when somebody first goes there: the first load has what the overview needs. */
export function lazyPage(load: () => Promise<PageOf>): PageOf {
  let Page: PageOf | undefined;
  return function LazyPage({ place }) {
    const [attempt, setAttempt] = useState({ number: 0, error: null as unknown });
    useEffect(() => {
      if (Page) return;
      load().then(
        (loaded) => {
          Page = loaded;
          setAttempt((before) => ({ ...before }));
        },
        (error: unknown) => setAttempt((before) => ({ ...before, error })),
      );
    }, [attempt.number]);
    if (Page) return <Page place={place} />;
    if (attempt.error === null) return <p class="quiet">Loading…</p>;
    return (
      <>
        <Failure error={attempt.error} />
        <button type="button" onClick={() => setAttempt({ number: attempt.number + 1, error: null })}>
          Try again
        </button>
      </>
    );
  };
}
