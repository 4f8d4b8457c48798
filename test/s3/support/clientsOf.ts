import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { S3Server } from '../../../scripts/s3Server/startSwift.js';

/**
 * Returns a function that makes clients of the SDK with its defaults, except the given options.
 *
 * @param server - `undefined` if the server does not run. Such clients are only for tests that send no request.
 */
export function clientsOf(server: Omit<S3Server, 'stop'> | undefined): (config?: S3ClientConfig) => S3Client {
  const { endpoint = '', region = '', accessKeyId = '', secretAccessKey = '' } = server ?? {};
  const credentials = { accessKeyId, secretAccessKey };
  return (config) => new S3Client({ endpoint, region, forcePathStyle: true, credentials, ...config });
}
