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

/** @param code - the code of a failure of the connection. */
export function failureRemedy(code = ''): string {
  return (
    REMEDIES[code] ?? 'Check the network and the server. For a slow or busy server, increase idleTimeoutMs or attempts.'
  );
}
