import { randomUUID } from 'node:crypto';
import { nkeys } from '@nats-io/transport-node';

type KeyPair = ReturnType<typeof nkeys.createUser>;

/** The keys of an operator and an account of NATS, and the credentials of its users. */
export interface Account {
  /** The lines of the server's configuration. */
  readonly config: string;
  /** Returns the text of a new credentials file. */
  readonly newUser: (name: string) => string;
}

/** @see https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/jwt */
export function newAccount(): Account {
  const operator = nkeys.createOperator();
  const [account, system] = [nkeys.createAccount(), nkeys.createAccount()];
  const limits = { conn: -1, subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, leaf: -1 };
  const jetStream = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
  const accountToken = token(operator, account, 'trainers', { type: 'account', limits: { ...limits, ...jetStream } });
  const systemToken = token(operator, system, 'system', { type: 'account', limits });
  const config = [
    `operator: ${token(operator, operator, 'operator', { type: 'operator' })}`,
    // JetStream needs it.
    `system_account: ${system.getPublicKey()}`,
    'resolver: MEMORY',
    `resolver_preload: { ${account.getPublicKey()}: ${accountToken}, ${system.getPublicKey()}: ${systemToken} }`,
  ].join('\n');
  return {
    config,
    newUser: (name) => {
      const user = nkeys.createUser();
      const jwt = token(account, user, name, { type: 'user', subs: -1, data: -1, payload: -1 });
      const seed = new TextDecoder().decode(user.getSeed());
      return `${section('NATS USER JWT', jwt)}\n${section('USER NKEY SEED', seed)}`;
    },
  };
}

function section(name: string, text: string): string {
  return `-----BEGIN ${name}-----\n${text}\n------END ${name}------\n`;
}

/** A JSON Web Token of NATS, signed by the issuer. */
function token(issuer: KeyPair, subject: KeyPair, name: string, claims: object): string {
  const head = { typ: 'JWT', alg: 'ed25519-nkey' };
  const body = {
    jti: randomUUID(),
    iat: Math.trunc(Date.now() / 1000),
    ...{ iss: issuer.getPublicKey(), sub: subject.getPublicKey(), name },
    nats: { ...claims, version: 2 },
  };
  const text = [head, body].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${Buffer.from(issuer.sign(new TextEncoder().encode(text))).toString('base64url')}`;
}
