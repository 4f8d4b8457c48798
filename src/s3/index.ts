/**
 * Buckets of S3 as a store, through a client of `@aws-sdk/client-s3`.
 *
 * @module millrace/s3
 */
export { s3Store } from './s3Store.js';
export type { S3StoreOptions } from './s3Store.js';
