import { z } from 'zod';
import { nodeCrypto } from '../base/nodeCrypto.js';
import { lazy } from '../base/lazy.js';
import { milliseconds, positiveMilliseconds } from '../base/optionFields.js';
import { positiveInteger } from '../base/parseOptions.js';

/** Options for requests of a store. */
export interface StoreRetryOptions {
  /**
   * The maximum number of requests for one range, including requests that return only some of the bytes. Default: 8.
   */
  readonly attempts?: number | undefined;
  /**
   * The maximum wait before the first retry, in milliseconds. It doubles with each further retry, up to 20 seconds. The
   * actual wait is random, but not less than the header `Retry-After` (up to 20 seconds). Default: 50.
   */
  readonly backoffMs?: number | undefined;
  /** The maximum time to wait for a byte before a request is repeated, in milliseconds. Default: 30,000. */
  readonly idleTimeoutMs?: number | undefined;
  /** PEM certificates to trust instead of those of Node.js. Default: those of Node.js and `NODE_EXTRA_CA_CERTS`. */
  readonly ca?: string | undefined;
}

// Does not show the value, which may be a private key.
const NOT_PEM =
  'expected PEM certificates (-----BEGIN CERTIFICATE-----…), found other text. If this is the path of a file, pass the content of the file';

export const retryFields = lazy(() => ({
  attempts: positiveInteger().default(8),
  backoffMs: milliseconds().default(50),
  idleTimeoutMs: positiveMilliseconds().default(30_000),
  ca: z.string().refine(isPem, NOT_PEM).optional(),
}));

/** Node.js ignores text that is not a certificate, and all certificates after an invalid one. */
function isPem(text: string): boolean {
  const certificates = text
    .split(/(?=-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----)/)
    .filter((part) => /^-+BEGIN .*CERTIFICATE/.test(part));
  const { X509Certificate } = nodeCrypto();
  try {
    return certificates.map((certificate) => new X509Certificate(certificate)).length > 0;
  } catch {
    return false;
  }
}
