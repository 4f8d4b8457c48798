/**
 * Preprocessing on many machines, with the work queue of NATS JetStream.
 *
 * @module millrace/nats
 */
export { onHosts } from './onHosts.js';
export type { OnHostsOptions, Splits } from './onHosts.js';
export type { NatsOptions } from './connect.js';
export type { SplitPlace } from '../workers/crossing/protocol.js';
export type { ItemsOf } from '../sources/inWorker.js';
