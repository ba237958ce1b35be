import { useEffect, useState } from 'preact/hooks';

import { ActionButton } from '../actions/action-button.js';
import { setLimits } from '../actions/limits.js';
import { bytes, bytesPerSecond, milliseconds, perSecond } from '../format/numbers.js';
import { clock } from '../format/time.js';
import { Facts } from '../parts/facts.js';
import { Failure } from '../parts/failure.js';
import { Panel } from '../parts/panel.js';
import { Table } from '../parts/table.js';
import { useApp, useLive, useMay } from '../state/context.js';

type Token = Awaited<ReturnType<ReturnType<typeof useApp>['client']['tokens']>>[number];

export function SettingsPage() {
  const may = useMay();
  return (
    <>
      <Limits />
      <You />
      {may('ADMIN') && <Tokens />}
    </>
  );
}

function Limits() {
  const { limits } = useLive('limits');
  if (!limits) return null;
  const or = (value: string): string => (value === '–' ? 'no limit' : value);
  return (
    <Panel title="Limits of moves" id="migration-limits" tools={<ActionButton spec={setLimits(limits)} />}>
      <Facts
        of={{
          'Keys of a source server': or(perSecond(limits.keysPerSecond)),
          'Bytes of a source server': or(bytesPerSecond(limits.bytesPerSecond)),
          'Slow down above': or(milliseconds(limits.sourceLatencyMs)),
          'Slots that change hands together': limits.slotsPerBatch,
          'Pairs of groups at a time': limits.parallelPairs,
          'Largest key that is moved': bytes(limits.maxKeyBytes),
        }}
      />
    </Panel>
  );
}

function You() {
  const { viewer } = useApp();
  return (
    <Panel title="You">
      <Facts
        of={{
          Name: viewer.name,
          Role: viewer.role,
          Until: viewer.expiresAt ? clock(viewer.expiresAt) : 'for ever',
        }}
      />
      {viewer.name === 'local' && (
        <p class="note">
          No tokens are configured: everybody on this machine may do everything.{' '}
          <code>quorate token create</code> makes the first one; then set <code>--tokens</code>.
        </p>
      )}
    </Panel>
  );
}

function Tokens() {
  const { client } = useApp();
  const [tokens, setTokens] = useState<readonly Token[]>([]);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    client.tokens().then(setTokens, setError);
  }, [client]);
  return (
    <Panel title="Tokens">
      {error !== null && <Failure error={error} />}
      <Table
        label="Tokens"
        rows={tokens}
        keyOf={({ name, createdAt }) => `token/${name}/${createdAt}`}
        empty="The answering member has none."
        columns={[
          { title: 'Name', show: ({ name }) => name },
          { title: 'Role', show: ({ role }) => role },
          { title: 'Made', show: ({ createdAt }) => clock(createdAt) },
          { title: 'Ends', show: ({ expiresAt }) => (expiresAt ? clock(expiresAt) : 'never') },
        ]}
      />
    </Panel>
  );
}
