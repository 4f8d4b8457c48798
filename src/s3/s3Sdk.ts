import type * as s3Sdk from '@aws-sdk/client-s3';
import { ConfigError } from '../base/errors.js';

export type S3Sdk = typeof s3Sdk;

/**
 * The SDK is an optional peer dependency.
 *
 * @throws ConfigError if it is not installed.
 */
export async function loadS3Sdk(): Promise<S3Sdk> {
  try {
    return await import('@aws-sdk/client-s3');
  } catch (cause) {
    const message = 's3Store needs the package @aws-sdk/client-s3: npm install @aws-sdk/client-s3';
    throw new ConfigError(message, { path: 'client', cause });
  }
}
