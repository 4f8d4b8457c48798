import { z } from 'zod';
import { lazy } from '../base/lazy.js';

/** The address of an object, or of all objects whose keys begin with `key`. */
export interface S3Address {
  readonly bucket: string;
  readonly key: string;
}

const S3_URL = /^s3:\/\/([^/]+)(?:\/(.*))?$/s;

export const s3Url = lazy(() => z.string().regex(S3_URL, { error: 'expected a URL such as s3://bucket/key' }));

/** Splits a URL that {@link s3Url} accepts. Keys are not percent-encoded. */
export function parseS3Url(url: string): S3Address {
  const [, bucket = '', key = ''] = S3_URL.exec(url) ?? [];
  return { bucket, key };
}
