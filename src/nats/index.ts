/**
 * Runs a pipeline on many machines. A work queue of NATS JetStream distributes the work.
 *
 * @module millrace/nats
 */
export { onHosts } from './onHosts.js';
export type { OnHostsOptions, Splits } from './onHosts.js';
export type { NatsOptions } from './connect.js';
export type { SplitPlace } from '../workers/crossing/protocol.js';
export type { ItemsOf } from '../sources/inWorker.js';
