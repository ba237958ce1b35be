import { afterAll, beforeAll } from 'vitest';
import { startEtcd, type EtcdCluster } from '../../harness/servers/etcd.js';
import { describeConformance } from './conformance.js';
import { openEtcdFixture } from './etcd-fixture.js';

let cluster: EtcdCluster;

beforeAll(async () => {
  cluster = await startEtcd();
});
afterAll(async () => {
  await cluster.stop();
});

describeConformance('the coordinator on one etcd member', () => openEtcdFixture(cluster));
