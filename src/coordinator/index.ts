export * from './types.js';
export * from './errors.js';
export * from './leadership.js';
export * from './patience.js';
export { EmbeddedCoordinator } from './embedded/coordinator.js';
export { EtcdCoordinator } from './etcd/coordinator.js';
export type { EtcdCoordinatorOptions, EtcdTlsOptions } from './etcd/options.js';
