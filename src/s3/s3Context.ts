import type * as s3Sdk from '@aws-sdk/client-s3';
import { ConfigError } from '../base/errors.js';
import type { RetryPolicy } from '../stores/http/retry.js';

export interface S3Context {
  readonly sdk: typeof s3Sdk;
  readonly client: s3Sdk.S3Client;
  readonly requestPayer: 'requester' | undefined;
  readonly idleTimeoutMs: number;
  readonly retry: RetryPolicy;
  /**
   * Shared by the writers of a store. `areSupported` is false after the server has answered 501 to a PutObject with
   * If-None-Match.
   */
  readonly conditionalWrites: { areSupported: boolean };
}

export interface S3Target {
  readonly Bucket: string;
  readonly Key: string;
  readonly RequestPayer: S3Context['requestPayer'];
}

/**
 * The SDK is an optional peer dependency.
 *
 * @throws ConfigError if it is not installed.
 */
export async function loadS3Sdk(): Promise<S3Context['sdk']> {
  try {
    return await import('@aws-sdk/client-s3');
  } catch (cause) {
    const message = 's3Store needs the package @aws-sdk/client-s3: npm install @aws-sdk/client-s3';
    throw new ConfigError(message, { path: 'client', cause });
  }
}
