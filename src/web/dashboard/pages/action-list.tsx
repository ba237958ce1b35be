import type { Action } from '../../../sdk/browser.js';
import { clock } from '../format/time.js';
import { ObjectLink } from '../parts/object-link.js';
import { Table } from '../parts/table.js';

/** Who changed what, when, and which proxies have confirmed it. */
export function ActionList({ actions, chosen }: { actions: readonly Action[]; chosen?: string }) {
  return (
    <Table
      label="Actions"
      rows={actions}
      keyOf={({ revision }) => `action/${revision}`}
      chosen={chosen}
      empty="Nothing has been changed yet."
      columns={[
        { title: 'Time', show: ({ at }) => clock(at) },
        { title: 'What', show: ({ type }) => <code>{type}</code> },
        { title: 'To', show: ({ target }) => <ObjectLink target={target} /> },
        { title: 'Description', show: ({ description }) => <span class="wrap">{description}</span> },
        { title: 'By', show: ({ actor }) => actor },
        { title: 'Confirmed', show: ({ receivers }) => <Receipts receivers={receivers} /> },
        { title: 'Revision', isNumber: true, show: ({ revision }) => revision },
      ]}
    />
  );
}

function Receipts({ receivers }: Pick<Action, 'receivers'>) {
  if (receivers.length === 0) return <span class="quiet">–</span>;
  const missing = receivers.filter(({ confirmedAt }) => confirmedAt === null).map(({ proxy }) => proxy);
  if (missing.length === 0) return <>{receivers.length === 1 ? '1 proxy' : `${receivers.length} proxies`}</>;
  return <span class="quiet">not yet by {missing.join(', ')}</span>;
}
