import { useState } from 'preact/hooks';
import { useMay } from '../state/context.js';
import { ActionDialog } from './action-dialog.js';
import type { ActionSpec } from './action.js';

export interface ActionButtonProps {
  readonly spec: ActionSpec;
  /** Beside others in a row. */
  readonly isSmall?: boolean;
  /** What it is done to, for those who hear the page. */
  readonly about?: string;
}

/** Offers an action to those who may do it; to others it is not there. */
export function ActionButton({ spec, isSmall = false, about }: ActionButtonProps) {
  const may = useMay();
  const [isOpen, setOpen] = useState(false);
  if (!may(spec.role ?? 'OPERATOR')) return null;
  const label = spec.label ?? spec.title;
  return (
    <>
      <button
        type="button"
        class={isSmall ? 'small' : undefined}
        {...(about !== undefined && { 'aria-label': `${label} ${about}` })}
        onClick={() => setOpen(true)}
      >
        {label}
      </button>
      {isOpen && <ActionDialog spec={spec} onClose={() => setOpen(false)} />}
    </>
  );
}
