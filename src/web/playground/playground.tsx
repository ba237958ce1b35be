import { GraphiQL } from 'graphiql';
import { useMemo, useState } from 'react';
import { keepToken, keptToken } from '../shared/session.js';
import { EXAMPLES } from './examples.js';
import { fetcherWith } from './fetcher.js';
import { linkedOperation } from './link.js';
import { MemoryStorage } from './memory-storage.js';

const storage = new MemoryStorage();

/** GraphiQL with a field for the token of this tab, and a tab for each subject. */
export function Playground() {
  const [token, setToken] = useState(() => keptToken() ?? '');
  const fetcher = useMemo(() => fetcherWith(token), [token]);
  const linked = useMemo(() => linkedOperation(location.hash), []);
  return (
    <>
      <header className="bar">
        <a href="/">Dashboard</a>
        <label>
          Token
          <input
            type="password"
            autoComplete="off"
            placeholder="qt_… (kept for this tab only)"
            value={token}
            onChange={({ currentTarget }) => {
              setToken(currentTarget.value.trim());
              keepToken(currentTarget.value.trim() || null);
            }}
          />
        </label>
      </header>
      <GraphiQL
        fetcher={fetcher}
        defaultTabs={[...(linked ? [linked] : []), ...EXAMPLES.map((query) => ({ query }))]}
        // The editor of the first tab takes its variables from here only.
        {...(linked && { initialVariables: linked.variables })}
        defaultEditorToolsVisibility={linked ? 'variables' : false}
        storage={storage}
        shouldPersistHeaders={false}
        showPersistHeadersSettings={false}
      >
        <GraphiQL.Logo>Quorate</GraphiQL.Logo>
      </GraphiQL>
    </>
  );
}
