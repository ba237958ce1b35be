import { campaign } from '../../../src/coordinator/leadership.js';
import { EtcdCoordinator } from '../../../src/coordinator/etcd/coordinator.js';

/**
 * A process that holds a key and says, over and over, when it asked whether it holds it, and what the answer
 * was. Arguments: the endpoint, the root, the key, the TTL in milliseconds, and for how long its event loop then hangs,
 * if it does.
 */
const [endpoint = '', root = '', key = '', ttlMs = '0', hangMs = '0'] = process.argv.slice(2);
const coordinator = new EtcdCoordinator({ endpoints: [endpoint], root });
await coordinator.start();
const leadership = await campaign(coordinator, key, 'holder', await coordinator.openSession(Number(ttlMs)));
if (Number(hangMs) > 0) {
  process.stdout.write(`${Date.now()} hangs\n`);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(hangMs));
}
setInterval(() => {
  const askedAt = Date.now();
  process.stdout.write(`${askedAt} ${leadership.isHeld() ? 'held' : 'lost'}\n`);
}, 5);
