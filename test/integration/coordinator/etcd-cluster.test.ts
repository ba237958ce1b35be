import { afterAll, beforeAll } from 'vitest';
import { startEtcd, type EtcdCluster } from '../../harness/servers/etcd.js';
import { describeConformance } from './conformance.js';
import { openEtcdFixture } from './etcd-fixture.js';

let cluster: EtcdCluster;

beforeAll(async () => {
  cluster = await startEtcd({ members: 3 });
});
afterAll(async () => {
  await cluster.stop();
});

describeConformance('the coordinator on three etcd members', () => openEtcdFixture(cluster));
