import type { WireRequest } from '../stores/http/connections.js';
import { ifMatch, type RangeOf } from '../stores/http/checkAnswer.js';
import { parseS3Url } from './s3Address.js';
import type { S3Context } from './s3Context.js';

export interface SignedRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>> | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Returns a signed request for a range, and does not send it. A step in the client's middleware stops the request after
 * it is signed.
 */
export async function signRange(
  { sdk, client, requestPayer }: S3Context,
  { object, start, end }: RangeOf,
  signal: AbortSignal | undefined,
): Promise<SignedRequest> {
  const { bucket, key } = parseS3Url(object.url);
  const command = new sdk.GetObjectCommand({
    Bucket: bucket,
    Key: key,
    Range: `bytes=${start}-${end - 1}`,
    IfMatch: ifMatch(object)['if-match'],
    RequestPayer: requestPayer,
  });
  let signed: SignedRequest | undefined;
  command.middlewareStack.add(
    () => (step) => {
      signed = step.request as SignedRequest;
      return Promise.resolve({ response: undefined, output: { $metadata: {} } });
    },
    { step: 'finalizeRequest', priority: 'low', name: 'millraceTakesSignedRequest' },
  );
  await client.send(command, signal && { abortSignal: signal });
  if (!signed) throw new Error('the client did not sign the request');
  return signed;
}

export function wireRequest({ protocol, hostname, port, path, query = {}, headers }: SignedRequest): WireRequest {
  const isSecure = protocol !== 'http:';
  const parts = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((text) => `${encode(name)}=${encode(text ?? '')}`),
  );
  const host = hostname.replace(/^\[|\]$/g, '');
  return {
    origin: { isSecure, host, port: port ?? (isSecure ? 443 : 80) },
    target: parts.length === 0 ? path : `${path}?${parts.join('&')}`,
    headers,
  };
}

/** Percent-encodes like the signatures of AWS (RFC 3986). */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
