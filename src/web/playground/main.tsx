import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './page.css';
import { GraphiQL } from 'graphiql';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { EXAMPLES } from './examples.js';
import { fetcher } from './fetcher.js';
import { MemoryStorage } from './memory-storage.js';

const root = document.getElementById('playground');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <GraphiQL
        fetcher={fetcher}
        defaultTabs={EXAMPLES.map((query) => ({ query }))}
        defaultEditorToolsVisibility="headers"
        storage={new MemoryStorage()}
        shouldPersistHeaders={false}
        showPersistHeadersSettings={false}
      >
        <GraphiQL.Logo>Quorate</GraphiQL.Logo>
      </GraphiQL>
    </StrictMode>,
  );
}
