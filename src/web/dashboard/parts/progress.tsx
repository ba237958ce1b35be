import type { Operation } from '../../../sdk/browser.js';
import { count } from '../format/numbers.js';
import { duration } from '../format/time.js';

/** How far long work is, in its own units. */
export function Progress({ operation }: { operation: Operation }) {
  const { done, total, unit, rate, etaSeconds, title } = operation;
  const share = total === null || Number(total) === 0 ? null : Math.min(1, Number(done) / Number(total));
  return (
    <span class="progress">
      <progress aria-label={title} max={1} {...(share !== null && { value: share })} />
      <span>
        {share === null ? '' : `${(share * 100).toFixed(0)} % · `}
        {count(done)}
        {total === null ? '' : ` of ${count(total)}`} {unit}
        {rate ? ` · ${count(rate)} ${unit}/s` : ''}
        {etaSeconds ? ` · ${duration(etaSeconds)} left` : ''}
      </span>
    </span>
  );
}
