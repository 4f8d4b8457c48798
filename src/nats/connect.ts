import { readFile } from 'node:fs/promises';
import type * as jetstream from '@nats-io/jetstream';
import type * as transport from '@nats-io/transport-node';
import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { ChannelError, ConfigError } from '../base/errors.js';
import { reasonOfFailure } from '../base/reasonOfFailure.js';

/** The addresses of the NATS server, and the credentials of this client. */
export interface NatsOptions {
  /** The addresses of the servers of one cluster. Default: the environment variable `NATS_URL`. */
  readonly servers?: string | readonly string[] | undefined;
  /** The path of a credentials file (`.creds`). */
  readonly credentials?: string | undefined;
  /** The user name. Default: the environment variable `NATS_USER`. */
  readonly user?: string | undefined;
  /** The password. Default: the environment variable `NATS_PASSWORD`. */
  readonly password?: string | undefined;
  /** The token. Default: the environment variable `NATS_TOKEN`. */
  readonly token?: string | undefined;
  /** The paths of PEM files. `ca` verifies the server. `cert` and `key` identify this client. */
  readonly tls?:
    | {
        readonly ca?: string | undefined;
        readonly cert?: string | undefined;
        readonly key?: string | undefined;
      }
    | undefined;
}

const PING_MS = 5000;

/**
 * By default, a server closes a connection that takes more than 2 s to authenticate, for example on a busy machine. The
 * client notices this only at the end of its own time limit.
 *
 * @see https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro (timeout)
 */
const CONNECT_MS = 5000;
const CONNECT_ATTEMPTS = 4;

const text = lazy(() => z.string().min(1));

export const natsFields = lazy(() => ({
  servers: z.union([text(), z.array(text()).min(1)]).optional(),
  credentials: text().optional(),
  user: text().optional(),
  password: text().optional(),
  token: text().optional(),
  tls: z.strictObject({ ca: text().optional(), cert: text().optional(), key: text().optional() }).optional(),
}));

/** The name of a job. The name of a stream contains it, and NATS allows only these characters. */
export const jobField = lazy(() => z.string().regex(/^[\w-]+$/, 'expected letters, digits, "_" and "-"'));

export interface Nats {
  readonly connection: transport.NatsConnection;
  readonly jetstream: typeof jetstream;
  /** The number of times that the connection was lost. */
  losses: number;
}

export function jobOrEnvironment(name: string, job: string | undefined): string {
  const found = job ?? process.env['MILLRACE_JOB'];
  if (found !== undefined && jobField().safeParse(found).success) return found;
  throw new ConfigError(
    `${name}: job: expected a name of letters, digits, "_" and "-", found ${String(found)}. Set job, --job or MILLRACE_JOB.`,
    { path: 'job' },
  );
}

/**
 * Connects to a NATS server. After a lost connection, the client connects again until `close` is called.
 *
 * @throws ConfigError (as a rejection) if a package or the address is missing, or ChannelError if the connection fails.
 */
export async function connectTo(name: string, options: NatsOptions): Promise<Nats> {
  const { servers = process.env['NATS_URL'], credentials, tls } = options;
  if (servers === undefined || servers === '')
    throw new ConfigError(
      `${name}: servers: expected the address of a NATS server. Set servers, --servers or NATS_URL.`,
      {
        path: 'servers',
      },
    );
  const [{ connect, credsAuthenticator }, loaded] = await Promise.all([
    import('@nats-io/transport-node'),
    import('@nats-io/jetstream'),
  ]).catch((cause: unknown) => {
    const install = 'npm install @nats-io/transport-node @nats-io/jetstream';
    throw new ConfigError(`${name} needs the packages of NATS: ${install}`, { path: '', cause });
  });
  const addresses = typeof servers === 'string' ? servers.split(',') : [...servers];
  const { user = process.env['NATS_USER'], password = process.env['NATS_PASSWORD'] } = options;
  const { token = process.env['NATS_TOKEN'] } = options;
  const files = await readFiles(name, { credentials, 'tls.ca': tls?.ca, 'tls.cert': tls?.cert, 'tls.key': tls?.key });
  try {
    const connection = await connectPatiently(connect, {
      name,
      servers: addresses,
      timeout: CONNECT_MS,
      maxReconnectAttempts: -1,
      // The connection counts as lost after two pings without an answer.
      pingInterval: PING_MS,
      reconnectTimeWait: 250,
      reconnectJitter: 100,
      ...(user !== undefined && { user, pass: password ?? '' }),
      ...(token !== undefined && { token }),
      ...(files.credentials && { authenticator: credsAuthenticator(files.credentials) }),
      // The client reads these files each time that it connects.
      ...(tls && { tls: tlsFiles(tls) }),
    });
    const nats: Nats = { connection, jetstream: loaded, losses: 0 };
    void countLosses(nats);
    return nats;
  } catch (cause) {
    throw notConnected(`${name}: cannot connect to ${addresses.join(', ')}`, addresses.join(','), cause);
  }
}

type Connect = (typeof transport)['connect'];

/** Tries again if the server does not answer, or has closed the connection. */
async function connectPatiently(
  connect: Connect,
  options: transport.NodeConnectionOptions,
): Promise<transport.NatsConnection> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await connect(options);
    } catch (error) {
      if (attempt === CONNECT_ATTEMPTS || !(isTimeout(error) || isReset(error))) throw error;
    }
  }
}

const isTimeout = (error: unknown): boolean => (error as Error).name === 'TimeoutError';
const isReset = (error: unknown): boolean =>
  ['ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '');

/** @param failed - for example "cannot connect to nats://queue:4222". */
function notConnected(failed: string, path: string, cause: unknown): ChannelError {
  const reason = isTimeout(cause)
    ? `no answer within ${CONNECT_MS / 1000} s, ${CONNECT_ATTEMPTS} times`
    : reasonOfFailure(cause);
  const advice = 'Check the address, the credentials, and that the server runs: nats-server --jetstream';
  return new ChannelError(`${failed}: ${reason}. ${advice}`, { code: 'ERR_CHANNEL_IO', path, cause });
}

/** Returns an error if the user has no permission for a subject, for example the subject of a different job. */
export function forbiddenError(name: string, error: unknown): ChannelError | undefined {
  const cause = ((error as Error).cause ?? error) as Error & { readonly subject?: string };
  const { name: kind, message: refused, subject = '' } = cause;
  // A late answer is refused too, but nobody waits for it.
  if (kind !== 'PermissionViolationError' || subject.startsWith('_INBOX.')) return undefined;
  const message = `${name}: ${refused}. Check the job, and the permissions of the user in the server`;
  return new ChannelError(message, { code: 'ERR_CHANNEL_IO', path: subject, cause });
}

/**
 * Resolves with an error if the server refuses a subject or ends the connection, for example by refusing the
 * credentials when the client connects again.
 */
export async function connectionFailure(connection: transport.NatsConnection, name: string): Promise<ChannelError> {
  const server = connection.getServer();
  for await (const status of connection.status()) {
    const forbidden = status.type === 'error' && forbiddenError(name, status.error);
    if (forbidden) return forbidden;
  }
  const cause = await connection.closed();
  if (cause instanceof Error) return notConnected(`${name}: the connection to ${server} has ended`, server, cause);
  return new Promise(() => undefined);
}

async function countLosses(nats: Nats): Promise<void> {
  for await (const { type } of nats.connection.status()) if (type === 'disconnect') nats.losses++;
}

/** @throws ConfigError if a file cannot be read. */
async function readFiles<K extends string>(
  name: string,
  paths: Readonly<Record<K, string | undefined>>,
): Promise<Partial<Record<K, Uint8Array>>> {
  const files: Partial<Record<K, Uint8Array>> = {};
  for (const path of Object.keys(paths) as K[]) {
    const file = paths[path];
    if (file === undefined) continue;
    files[path] = await readFile(file).catch((cause: unknown) => {
      throw new ConfigError(`${name}: ${path}: cannot read ${file}: ${reasonOfFailure(cause)}`, { path, cause });
    });
  }
  return files;
}

function tlsFiles({
  ca,
  cert,
  key,
}: NonNullable<NatsOptions['tls']>): NonNullable<transport.NodeConnectionOptions['tls']> {
  return {
    ...(ca !== undefined && { caFile: ca }),
    ...(cert !== undefined && { certFile: cert }),
    ...(key !== undefined && { keyFile: key }),
  };
}
