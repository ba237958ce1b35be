import type { Operation } from '../../../sdk/browser.js';
import { ActionButton } from '../actions/action-button.js';
import { operationActions } from '../actions/operations.js';
import { clock } from '../format/time.js';
import { Badge } from '../parts/badge.js';
import { Progress } from '../parts/progress.js';
import { Table } from '../parts/table.js';

/** Long work, how far it is, and what may be done with it. */
export function OperationList({ operations, chosen }: { operations: readonly Operation[]; chosen?: string }) {
  return (
    <Table
      label="Operations"
      rows={operations}
      keyOf={({ id }) => `operation/${id}`}
      chosen={chosen}
      empty="There is none."
      columns={[
        { title: 'What', show: ({ title }) => title },
        { title: 'State', show: ({ state }) => <Badge state={state} /> },
        {
          title: 'Progress',
          show: (operation) => (
            <>
              <Progress operation={operation} />
              {operation.pace !== null && <p class="quiet">{operation.pace}</p>}
              {operation.error !== null && <p class="bad">{operation.error}</p>}
            </>
          ),
        },
        { title: 'By', show: ({ startedBy }) => startedBy },
        { title: 'Begun', show: ({ startedAt }) => clock(startedAt) },
        { title: 'Ended', show: ({ finishedAt }) => clock(finishedAt) },
        {
          title: 'Actions',
          show: (operation) =>
            operationActions(operation).map((spec) => (
              <ActionButton spec={spec} isSmall about={operation.title} />
            )),
        },
      ]}
    />
  );
}
