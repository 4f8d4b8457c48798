import { IncorrectResponse } from './incorrectResponse.js';

const TRUST =
  'Node.js does not trust the certificate of the server: set ca, or the environment variable NODE_EXTRA_CA_CERTS.';

const REMEDIES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'The certificate of the server must be renewed.',
  DEPTH_ZERO_SELF_SIGNED_CERT: TRUST,
  ENOTFOUND: 'Check the spelling of the host.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'Use a host name that the certificate of the server contains.',
  SELF_SIGNED_CERT_IN_CHAIN: TRUST,
  UNABLE_TO_GET_ISSUER_CERT: TRUST,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: TRUST,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: TRUST,
};

const INCORRECT =
  'The server, or a proxy in front of it, responds incorrectly: check the host and the port of the URL, or use a ' +
  'different server.';

/** @param failure - the error that ended a request. `undefined` if the server sent too few bytes. */
export function failureRemedy(failure: unknown): string {
  if (failure === undefined || failure instanceof IncorrectResponse) return INCORRECT;
  const { code = '' } = (failure ?? {}) as NodeJS.ErrnoException;
  return (
    REMEDIES[code] ?? 'Check the network and the server. For a slow or busy server, increase idleTimeoutMs or attempts.'
  );
}
