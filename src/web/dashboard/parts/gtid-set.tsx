import { gtidParts, shortGtid } from '../format/gtid.js';
import { CopyButton } from './copy.js';

/** A GTID set: short, in full on request, and to be copied whole. */
export function GtidSet({ set, about }: { set: string | null; about: string }) {
  if (set === null) return <span class="quiet">–</span>;
  const parts = gtidParts(set);
  if (parts.length === 0) return <span class="quiet">none</span>;
  const shown = parts.slice(0, 2).map(shortGtid).join(', ');
  const more = parts.length > 2 ? ` and ${parts.length - 2} more` : '';
  return (
    <span class="gtid">
      <details>
        <summary>
          <code>{shown}</code>
          {more}
        </summary>
        <code class="whole">{set}</code>
      </details>
      <CopyButton text={set} about={about} />
    </span>
  );
}
