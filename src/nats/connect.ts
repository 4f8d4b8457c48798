import process from 'node:process';
import { readFile } from 'node:fs/promises';
import type * as jetstream from '@nats-io/jetstream';
import type * as transport from '@nats-io/transport-node';
import { z } from 'zod';
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

const text = z.string().min(1);

export const natsFields = {
  servers: z.union([text, z.array(text).min(1)]).optional(),
  credentials: text.optional(),
  user: text.optional(),
  password: text.optional(),
  token: text.optional(),
  tls: z.strictObject({ ca: text.optional(), cert: text.optional(), key: text.optional() }).optional(),
};

/** The name of a stream contains the job. NATS allows only these characters in it. */
export const jobField = z.string().regex(/^[\w-]+$/, 'expected letters, digits, "_" and "-"');

export interface Nats {
  readonly connection: transport.NatsConnection;
  readonly jetstream: typeof jetstream;
  /** The number of times that the connection was lost. */
  losses: number;
}

export function jobOrEnvironment(name: string, job: string | undefined): string {
  const found = job ?? process.env['MILLRACE_JOB'];
  if (found !== undefined && jobField.safeParse(found).success) return found;
  throw new ConfigError(
    `${name}: job: expected a name of letters, digits, "_" and "-", found ${String(found)}. Set job, or MILLRACE_JOB.`,
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
    throw new ConfigError(`${name}: servers: expected the address of a NATS server. Set servers, or NATS_URL.`, {
      path: 'servers',
    });
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
  try {
    const connection = await connect({
      name,
      servers: addresses,
      maxReconnectAttempts: -1,
      // The connection counts as lost after two pings without an answer.
      pingInterval: PING_MS,
      reconnectTimeWait: 250,
      reconnectJitter: 100,
      ...(user !== undefined && { user, pass: password ?? '' }),
      ...(token !== undefined && { token }),
      ...(credentials !== undefined && { authenticator: credsAuthenticator(await readFile(credentials)) }),
      ...(tls && { tls: tlsFiles(tls) }),
    });
    const nats: Nats = { connection, jetstream: loaded, losses: 0 };
    void countLosses(nats);
    return nats;
  } catch (cause) {
    throw new ChannelError(
      `${name}: cannot connect to ${addresses.join(', ')}: ${reasonOfFailure(cause)}. Check the address, the ` +
        'credentials, and that the server runs: nats-server --jetstream',
      { code: 'ERR_CHANNEL_IO', path: addresses.join(','), cause },
    );
  }
}

async function countLosses(nats: Nats): Promise<void> {
  for await (const { type } of nats.connection.status()) if (type === 'disconnect') nats.losses++;
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
