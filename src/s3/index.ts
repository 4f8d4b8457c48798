/**
 * S3 buckets as a store, with a client of `@aws-sdk/client-s3`.
 *
 * @module millrace/s3
 */
export { s3Store } from './s3Store.js';
export type { S3StoreOptions } from './s3Store.js';
