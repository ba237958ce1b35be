import { useEffect, useState } from 'preact/hooks';
import type { Segment } from '../../../../sdk/browser.js';
import { ActionButton } from '../../actions/action-button.js';
import { PURGE_BY_AGE, PURGE_BY_SIZE, RESTART_JOURNAL } from '../../actions/journal.js';
import { bytes } from '../../format/numbers.js';
import { clock } from '../../format/time.js';
import { Facts } from '../../parts/facts.js';
import { Failure } from '../../parts/failure.js';
import { GtidSet } from '../../parts/gtid-set.js';
import { Panel } from '../../parts/panel.js';
import { Table } from '../../parts/table.js';
import { useApp, useLive } from '../../state/context.js';

/** The stored binlog and its files. */
export function JournalPanel() {
  const { journal } = useLive('journal');
  if (!journal) return null;
  return (
    <Panel
      title="Journal"
      id="journal"
      tools={
        <>
          <ActionButton spec={PURGE_BY_SIZE} />
          <ActionButton spec={PURGE_BY_AGE} />
          <ActionButton spec={RESTART_JOURNAL} />
        </>
      }
    >
      <Facts
        of={{
          Committed: bytes(journal.committedOffset),
          'Begins at': bytes(journal.startOffset),
          'On disk': bytes(journal.sizeBytes),
          Term: journal.term ?? '–',
          'Held by': journal.holders.map(({ name }) => name).join(', ') || '–',
          'Executed GTIDs': <GtidSet set={journal.executedGtidSet} about="GTIDs of the journal" />,
          'Purged GTIDs': <GtidSet set={journal.purgedGtidSet} about="purged GTIDs of the journal" />,
        }}
      />
      <Segments />
    </Panel>
  );
}

/** Asked for when they are opened: there may be thousands. */
function Segments() {
  const { client } = useApp();
  const [isOpen, setOpen] = useState(false);
  const [segments, setSegments] = useState<readonly Segment[]>([]);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    if (isOpen) client.journalSegments().then(({ segments }) => setSegments(segments), setError);
  }, [client, isOpen]);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Files</summary>
      {error !== null && <Failure error={error} />}
      <Table
        label="Files of the journal"
        rows={segments}
        keyOf={({ name }) => `segment/${name}`}
        empty="There are none."
        columns={[
          { title: 'Name', show: ({ name }) => <code>{name}</code> },
          { title: 'Size', isNumber: true, show: ({ sizeBytes }) => bytes(sizeBytes) },
          { title: 'From', show: ({ minTimestamp }) => clock(minTimestamp) },
          { title: 'To', show: ({ maxTimestamp }) => clock(maxTimestamp) },
          {
            title: 'GTIDs',
            show: ({ name, addedGtidSet }) => <GtidSet set={addedGtidSet} about={`GTIDs of ${name}`} />,
          },
        ]}
      />
    </details>
  );
}
