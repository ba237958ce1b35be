// Says when a slave lags too far behind, and when it has caught up again, until Ctrl-C.
import { createClient } from 'quorate/sdk';

const maxBytes = BigInt(process.argv[2] ?? 10_000_000);
const client = createClient({
  url: process.argv[3] ?? 'http://127.0.0.1:4000',
  token: process.env.QUORATE_TOKEN,
});

/** Slaves that lagged too far when they were last told of. */
let late = new Set();

process.once('SIGINT', () => client.close());
try {
  for await (const slaves of client.watchSlaves()) {
    const lateNow = new Set();
    for (const { id, address, lagBytes, lagSeconds } of slaves) {
      if (BigInt(lagBytes) <= maxBytes) continue;
      lateNow.add(id);
      if (!late.has(id))
        console.log(`ALERT ${id} at ${address} lacks ${lagBytes} bytes, ${lagSeconds ?? '?'} s`);
    }
    const present = new Set(slaves.map(({ id }) => id));
    for (const id of late) {
      if (!lateNow.has(id)) console.log(present.has(id) ? `OK ${id} has caught up` : `GONE ${id}`);
    }
    late = lateNow;
  }
} catch (error) {
  if (error.code !== 'CLOSED') throw error;
}
