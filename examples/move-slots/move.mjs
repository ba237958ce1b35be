// Moves slots with their keys to a group and waits for the end.
import { createClient, RefusedError } from 'quorate/sdk';

const [from, to, targetGroup] = process.argv.slice(2, 5).map(Number);
if (![from, to, targetGroup].every(Number.isInteger)) {
  console.error('Usage: node move.mjs FIRST-SLOT LAST-SLOT GROUP [URL]');
  process.exit(2);
}
const client = createClient({
  url: process.argv[5] ?? 'http://127.0.0.1:4000',
  token: process.env.QUORATE_TOKEN,
});

/** Resolves with the operation as it is when it has ended, or stands still. */
async function end(id) {
  for await (const operation of client.watchOperations({ id })) {
    const { state, done, total, unit } = operation;
    console.log(`${state} ${done}/${total ?? '?'} ${unit}`);
    if (['SUCCEEDED', 'FAILED', 'CANCELLED', 'PAUSED'].includes(state)) return operation;
  }
}

try {
  const { operation, plan } = await client.moveSlots({ input: { from, to, targetGroup } });
  console.log(`${operation.title}: ${plan.length} slots`);
  const { state, error } = await end(operation.id);
  if (state !== 'SUCCEEDED') {
    console.error(error ?? state);
    process.exitCode = 1;
  }
} catch (error) {
  // A refusal is an answer like others; whatever else went wrong has a class of its own too.
  if (!(error instanceof RefusedError)) throw error;
  console.error(`Refused (${error.code}): ${error.message}`);
  process.exitCode = 1;
} finally {
  await client.close();
}
