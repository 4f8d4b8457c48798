/** A response that breaks the rules of HTTP, or does not contain the requested range. */
export class IncorrectResponse extends Error {
  override readonly name = 'IncorrectResponse';
}

/** Returns an error with the code of a network timeout. */
export function stalled(idleTimeoutMs: number): Error {
  return timedOut(`the server sent no byte for ${idleTimeoutMs / 1000} seconds`);
}

/** Returns the error for a response that continues to send bytes after its time limit. */
export function unfinished(ms: number): Error {
  return timedOut(`the response was not complete after ${ms / 1000} seconds`);
}

/** The SDK repeats a request after an error with this name. */
export function timedOut(message: string): Error {
  return Object.assign(new Error(message), { name: 'TimeoutError', code: 'ETIMEDOUT' });
}

/**
 * The part that opens the connection: the store itself, or the S3Client. The S3Client ignores the option `ca` of the
 * store.
 */
export type Connector = 'store' | 'S3Client';

const NOT_TRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

const CA_OPTION = { store: 'ca', S3Client: "ca in the https.Agent of the S3Client's requestHandler" };

const INCORRECT =
  'The server, or a proxy in front of it, responds incorrectly: check the host and the port of the URL, or use a ' +
  'different server.';

interface FailedRequest {
  readonly connector?: Connector | undefined;
  /** The `Content-Encoding` of the response. */
  readonly encoding?: string | undefined;
}

/** @param failure - the error that ended a request. `undefined` if the server sent too few bytes. */
export function failureRemedy(failure: unknown, { connector = 'store', encoding }: FailedRequest): string {
  const { code = '' } = (failure ?? {}) as NodeJS.ErrnoException;
  // Codes of Node.js's parser begin with HPE.
  if (failure === undefined || failure instanceof IncorrectResponse || code.startsWith('HPE_'))
    return encoding === undefined
      ? INCORRECT
      : `The server probably encodes each range (Content-Encoding: ${encoding}). Turn off this encoding on the server.`;
  return (
    connectionRemedy(code, connector) ??
    'Check the network and the server. For a slow or busy server, increase idleTimeoutMs or attempts.'
  );
}

/** Returns a remedy if the code is about the certificate or the name of the host, otherwise `undefined`. */
export function connectionRemedy(code: string, connector: Connector): string | undefined {
  if (code === 'ENOTFOUND') return 'Check the spelling of the host.';
  if (code === 'CERT_HAS_EXPIRED') return 'The certificate of the server must be renewed.';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'Use a host name that the certificate of the server contains.';
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'EPROTO')
    return 'The server does not speak TLS at this port: use http:// or the port for https://.';
  if (!NOT_TRUSTED.has(code)) return undefined;
  const option = CA_OPTION[connector];
  return `Node.js does not trust the certificate of the server: set ${option} to the PEM certificate of its authority, or NODE_EXTRA_CA_CERTS to the path of this certificate.`;
}
