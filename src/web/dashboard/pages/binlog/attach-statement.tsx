import { useState } from 'preact/hooks';
import type { BinlogServer } from '../../../../sdk/browser.js';
import { CopyButton } from '../../parts/copy.js';
import { useLive } from '../../state/context.js';
import { attachStatement, SLAVE_KINDS, type SlaveKind } from './statements.js';

/** What to paste into a slave so that it attaches here, for its version. */
export function AttachStatement({ server }: { server: BinlogServer }) {
  const { syncer } = useLive('syncer');
  const [kind, setKind] = useState<SlaveKind>(syncer?.flavour === 'MYSQL' ? 'mysql' : 'mariadb');
  const statement = attachStatement(kind, server, location.hostname);
  return (
    <div class="statement">
      <div class="field">
        <label for="slave-kind">The slave is</label>
        <select
          id="slave-kind"
          value={kind}
          onInput={({ currentTarget }) => setKind(currentTarget.value as SlaveKind)}
        >
          {Object.entries(SLAVE_KINDS).map(([value, label]) => (
            <option value={value}>{label}</option>
          ))}
        </select>
      </div>
      <pre tabIndex={0}>{statement}</pre>
      <p>
        <CopyButton text={statement} about="the statement" />
      </p>
      <p class="note">
        Put the password of <code>{server.user}</code> in place. A slave that is not empty must have come from
        a dump of the same history, and know its GTIDs.
      </p>
    </div>
  );
}
