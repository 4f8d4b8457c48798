import { ChannelError } from '../../base/errors.js';
import { shownUrl } from '../objectErrors.js';
import type { StoredObject } from '../store.js';
import type { ResponseHead } from './responseHead.js';

/** Later stages detect the compressions in the data. `aws-chunked` does not change the data. */
const DETECTED = new Set(['', 'identity', 'gzip', 'x-gzip', 'deflate', 'zstd', 'aws-chunked']);

/**
 * @param accepted - the encodings that the user has requested, as in the header `Accept-Encoding`.
 * @throws ChannelError if the body is encoded, and later stages would take it for the object itself.
 */
export function requireKnownEncoding({ status, headers }: ResponseHead, { url }: StoredObject, accepted = ''): void {
  const encoding = headers.get('content-encoding')?.toLowerCase() ?? '';
  const names = encoding.split(',').map((name) => name.trim());
  const isNamed = encoding === 'br' && /\.br$/i.test(new URL(url).pathname);
  if (isNamed || names.every((name) => DETECTED.has(name) || accepted.toLowerCase().includes(name))) return;
  const path = shownUrl(url);
  const decoder = encoding === 'br' ? ", and compression: 'brotli' of recordsFromFiles" : ', and decode them';
  throw new ChannelError(
    `Cannot read ${path}: the server sends it with Content-Encoding: ${encoding}, which httpStore does not decode. ` +
      'Turn off this encoding on the server. Or, to read the encoded bytes, set the header accept-encoding: ' +
      `${encoding} of httpStore${decoder}.`,
    { code: 'ERR_CHANNEL_IO', path, status },
  );
}
