import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../state/context.js';
import type { ActionSpec, Input, Payload } from './action.js';
import { initialValues, inputOf, type Values } from './input.js';

type Call = (variables: { input: Input }) => Promise<Payload>;

/** An action on its way: filled in, previewed, done or refused. */
export function useAction(spec: ActionSpec, onDone: () => void) {
  const { client, notify } = useApp();
  const [values, setValues] = useState<Values>(() => initialValues(spec.fields));
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [preview, setPreview] = useState<Payload | null>(null);
  const [result, setResult] = useState<ComponentChildren>(null);
  const input = inputOf(spec, values);
  const isPreviewing = spec.hasPreview === true && preview === null;

  const run = async (): Promise<void> => {
    const call = client[spec.method] as unknown as Call;
    const payload = await call({ input: isPreviewing ? { ...input, dryRun: true } : input });
    if (isPreviewing) return setPreview(payload);
    notify(doneText(spec, payload));
    const next = spec.next?.(payload, input);
    if (next) setResult(next);
    else onDone();
  };
  return {
    ...{ values, input, isBusy, error, preview, isPreviewing, result },
    /** What was previewed is no longer what would be done. */
    change(next: Values): void {
      setValues(next);
      setPreview(null);
      setError(null);
    },
    submit(): void {
      setBusy(true);
      setError(null);
      run()
        .catch(setError)
        .finally(() => setBusy(false));
    },
  };
}

function doneText({ title }: ActionSpec, { revision }: Payload): string {
  return revision == null
    ? `${title}: nothing had to be changed.`
    : `${title}: done at revision ${String(revision)}.`;
}
