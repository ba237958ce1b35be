import type { Slot } from '../../../../sdk/browser.js';
import { memo } from '../../parts/memo.js';
import { groupColour } from './group-colour.js';
import { COLUMNS } from './use-slot-selection.js';

export interface SlotGridProps {
  readonly slots: readonly Slot[];
  readonly from: number;
  readonly to: number;
}

/** The slots in rows; a row is drawn anew only when something in it has changed. */
export function SlotGrid({ slots, from, to }: SlotGridProps) {
  const rows = Array.from({ length: Math.ceil(slots.length / COLUMNS) }, (_, row) => row * COLUMNS);
  return (
    <>
      {rows.map((first) => (
        <Row
          key={first}
          looks={slots
            .slice(first, first + COLUMNS)
            .map((slot) => lookOf(slot, from, to))
            .join(' ')}
        />
      ))}
    </>
  );
}

/** A slot as `STATUS:GROUP:TARGET:CHOSEN`: equal looks are drawn once. */
function lookOf({ number, status, group, targetGroup }: Slot, from: number, to: number): string {
  const isChosen = number >= from && number <= to;
  return `${status}:${group?.number ?? ''}:${targetGroup?.number ?? ''}:${isChosen ? 'chosen' : ''}`;
}

const Row = memo(function Row({ looks }: { looks: string }) {
  return (
    <div class="slot-row">
      {looks.split(' ').map((look) => {
        const [status, group, target, chosen] = look.split(':');
        const isMoving = status === 'MIGRATE' || status === 'PRE_MIGRATE';
        return (
          <i
            class={`${isMoving ? 'moving' : ''} ${chosen}`}
            style={{
              ...(group !== '' && { '--from': groupColour(Number(group)) }),
              ...(target !== '' && { '--to': groupColour(Number(target)) }),
            }}
          />
        );
      })}
    </div>
  );
});
