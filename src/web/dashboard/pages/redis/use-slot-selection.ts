import { useRef, useState } from 'preact/hooks';
import type { SlotSelection } from '../../actions/slots.js';

export const COLUMNS = 32;
const SLOTS = 1024;

interface Ends {
  /** Where the selection began. */
  readonly anchor: number;
  /** Where it has come to. */
  readonly cursor: number;
}

const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  ArrowUp: -COLUMNS,
  ArrowDown: COLUMNS,
};

/** Slots chosen by dragging over them, or with the arrow keys; Shift extends what is chosen. */
export function useSlotSelection(initial: SlotSelection | null) {
  const [ends, setEnds] = useState<Ends | null>(initial && { anchor: initial.from, cursor: initial.to });
  const isDragging = useRef(false);
  const slotAt = (event: PointerEvent): number => {
    const { left, top, width, height } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const cell = (at: number, size: number): number =>
      Math.max(0, Math.min(COLUMNS - 1, Math.floor((at / size) * COLUMNS)));
    return cell(event.clientY - top, height) * COLUMNS + cell(event.clientX - left, width);
  };
  const selection: SlotSelection | null = ends && {
    from: Math.min(ends.anchor, ends.cursor),
    to: Math.max(ends.anchor, ends.cursor),
  };
  return {
    selection,
    cursor: ends?.cursor ?? null,
    clear: () => setEnds(null),
    select: ({ from, to }: SlotSelection) => setEnds({ anchor: from, cursor: to }),
    handlers: {
      onPointerDown(event: PointerEvent): void {
        (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
        isDragging.current = true;
        const slot = slotAt(event);
        setEnds(event.shiftKey && ends ? { ...ends, cursor: slot } : { anchor: slot, cursor: slot });
      },
      onPointerMove(event: PointerEvent): void {
        if (!isDragging.current) return;
        const slot = slotAt(event);
        setEnds((before) => before && (before.cursor === slot ? before : { ...before, cursor: slot }));
      },
      onPointerUp(): void {
        isDragging.current = false;
      },
      onPointerCancel(): void {
        isDragging.current = false;
      },
      onKeyDown(event: KeyboardEvent): void {
        if (event.key === 'Escape') return setEnds(null);
        const step = STEPS[event.key];
        if (step === undefined) return;
        event.preventDefault();
        const next = Math.max(0, Math.min(SLOTS - 1, (ends?.cursor ?? -step) + step));
        setEnds(event.shiftKey && ends ? { ...ends, cursor: next } : { anchor: next, cursor: next });
      },
    },
  };
}
