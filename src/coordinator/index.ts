export * from './types.js';
export * from './errors.js';
export * from './leadership.js';
export { EmbeddedCoordinator, type EmbeddedCoordinatorOptions } from './embedded/coordinator.js';
