import { useState } from 'preact/hooks';
import { useDesk } from '../state/context.js';

/** Puts a text into the clipboard, and says so. */
export function CopyButton({ text, label = 'Copy', about }: { text: string; label?: string; about: string }) {
  const { say } = useDesk();
  const [isDone, setDone] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setDone(true);
      setTimeout(() => setDone(false), 1_500);
    } catch {
      say('The browser does not let this page use the clipboard.', 'bad');
    }
  };
  return (
    <button type="button" class="small" aria-label={`${label} ${about}`} onClick={() => void copy()}>
      {isDone ? 'Copied' : label}
    </button>
  );
}
