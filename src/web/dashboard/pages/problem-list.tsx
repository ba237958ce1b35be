import type { Problem } from '../../../sdk/browser.js';
import { since } from '../format/time.js';
import { Badge } from '../parts/badge.js';
import { ObjectLink } from '../parts/object-link.js';

/** What is not as it should be, the worst first. */
export function ProblemList({ problems }: { problems: readonly Problem[] }) {
  if (problems.length === 0) return <p class="empty">No problem is known.</p>;
  return (
    <ul class="problems">
      {problems.map(({ id, code, severity, subject, message, consequence, remedies, since: from }) => (
        <li key={id}>
          <Badge state={severity} />
          <ObjectLink target={subject} />
          <span>{message}</span>
          <span class="quiet">
            {code}, since {since(from)}
          </span>
          <div class="consequence">{consequence.summary}</div>
          {remedies.length > 0 && (
            <ul class="remedies">
              {remedies.map(({ title, mutation }) => (
                <li key={title}>
                  {title} {mutation !== null && <code>{mutation}</code>}
                </li>
              ))}
            </ul>
          )}
        </li>
      ))}
    </ul>
  );
}
