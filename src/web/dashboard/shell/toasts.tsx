import { useState } from 'preact/hooks';

const SHOWN_MS = 6_000;

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'good' | 'bad';
}

let lastId = 0;

/** Short words about what has just happened; each is shown for some seconds. */
export function useToasts() {
  const [list, setList] = useState<readonly Toast[]>([]);
  const notify = (text: string, tone: Toast['tone'] = 'good'): void => {
    const toast = { id: ++lastId, text, tone };
    // The same thing said twice is said once.
    setList((before) => [...before.filter((each) => each.text !== text), toast].slice(-4));
    setTimeout(() => setList((before) => before.filter(({ id }) => id !== toast.id)), SHOWN_MS);
  };
  return { list, notify };
}

export function Toasts({ toasts }: { toasts: readonly Toast[] }) {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.map(({ id, text, tone }) => (
        <p key={id} class={tone}>
          {text}
        </p>
      ))}
    </div>
  );
}
