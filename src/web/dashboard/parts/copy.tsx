import { useState } from 'preact/hooks';
import { useApp } from '../state/context.js';

/** Puts a text into the clipboard, and says so. */
export function CopyButton({ text, label = 'Copy', about }: { text: string; label?: string; about: string }) {
  const { notify } = useApp();
  const [isDone, setDone] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await put(text);
      setDone(true);
      setTimeout(() => setDone(false), 1_500);
    } catch {
      notify('The browser does not let this page use the clipboard.', 'bad');
    }
  };
  return (
    <button type="button" class="small" aria-label={`${label} ${about}`} onClick={() => void copy()}>
      {isDone ? 'Copied' : label}
    </button>
  );
}

/** Over plain HTTP from another machine, browsers hide the clipboard from pages; copying a selection still works. */
async function put(text: string): Promise<void> {
  if (isSecureContext) return navigator.clipboard.writeText(text);
  const field = document.createElement('textarea');
  field.value = text;
  field.style.position = 'fixed';
  field.style.opacity = '0';
  // In an open dialog only what is inside of it can be selected.
  (document.querySelector('dialog[open]') ?? document.body).append(field);
  field.select();
  const isCopied = document.execCommand('copy');
  field.remove();
  if (!isCopied) throw new Error('The browser did not copy the selection.');
}
