import { BinlogStore } from '../../support/binlog/binlog-store.js';

/** A binlog store in a process of its own, so that its memory and its CPU time are its own. */
const store = await BinlogStore.start({ segmentBytes: 2 ** 30 });

interface Order {
  readonly follow: { readonly port: number };
  /** What is to be there at its end. */
  readonly reach: string;
  readonly semiSync: boolean;
}

process.on('message', (order: Order) => {
  const startedAt = performance.now();
  void (async () => {
    await store.follow(order.follow, { semiSync: order.semiSync });
    await store.reach(order.reach, 600_000);
    process.send!({ seconds: (performance.now() - startedAt) / 1_000, bytes: store.journal.sizeBytes });
  })();
});
process.once('disconnect', () => process.exit());
process.send!({ port: store.port });
