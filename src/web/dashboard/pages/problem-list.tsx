import type { Problem } from '../../../sdk/browser.js';
import { since } from '../format/time.js';
import { Badge } from '../parts/badge.js';
import { ObjectLink } from '../parts/object-link.js';

/** What is not as it should be, the worst first. */
export function ProblemList({ problems }: { problems: readonly Problem[] }) {
  if (problems.length === 0) return <p class="empty">No problem is known.</p>;
  return (
    <ul class="problems">
      {problems.map(({ severity, subject, message, since: from }) => (
        <li key={`${subject} ${message}`}>
          <Badge state={severity} />
          <ObjectLink target={subject} />
          <span>{message}</span>
          <span class="quiet">since {since(from)}</span>
        </li>
      ))}
    </ul>
  );
}
