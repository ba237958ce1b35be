// Prints the progress of every operation until one has ended. Needs nothing but this repository's packages.
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

const client = createClient({
  url: process.argv[2] ?? 'ws://127.0.0.1:4000/graphql',
  webSocketImpl: WebSocket,
});
const query = 'subscription { operationProgress { title state done total rate error } }';

for await (const { data, errors } of client.iterate({ query })) {
  if (errors) throw new Error(JSON.stringify(errors));
  const { title, state, done, total, rate, error } = data.operationProgress;
  console.log(
    `${state.padEnd(10)} ${done}/${total ?? '?'} keys, ${rate ?? '-'}/s  ${title}${error ? `: ${error}` : ''}`,
  );
  if (['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(state)) break;
}
await client.dispose();
