// Prints every change of hands of slots and the progress of the work behind it, until Ctrl-C.
import { createClient } from 'quorate/sdk';

const client = createClient({
  url: process.argv[2] ?? 'http://127.0.0.1:4000',
  token: process.env.QUORATE_TOKEN,
});
client.onConnection((state) => console.error(`(${state})`));

/** Where each slot was when it was last told of. */
const groups = new Map();

async function followSlots() {
  for await (const slots of client.watchSlots()) {
    for (const { number, group, targetGroup } of slots) {
      const isKnown = groups.has(number);
      const before = groups.get(number);
      groups.set(number, group?.number);
      if (targetGroup) console.log(`slot ${number} is on its way from ${before} to ${targetGroup.number}`);
      else if (isKnown && before !== group?.number) {
        console.log(`slot ${number} went from ${before ?? 'nowhere'} to ${group?.number ?? 'nowhere'}`);
      }
    }
  }
}

async function followOperations() {
  for await (const { title, state, done, total, unit, error } of client.watchOperations()) {
    console.log(`${state} ${done}/${total ?? '?'} ${unit}  ${title}${error ? `: ${error}` : ''}`);
  }
}

process.once('SIGINT', () => client.close());
try {
  await Promise.all([followSlots(), followOperations()]);
} catch (error) {
  if (error.code !== 'CLOSED') throw error;
}
