import { Connection, type ConnectionOptions, type Exchange, type Origin, type Outcome } from './connection.js';

export interface WireRequest {
  readonly origin: Origin;
  /** Percent-encoded path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The keep-alive connections of a store. */
export class Connections {
  readonly #options: ConnectionOptions;
  readonly #idle = new Map<string, Connection[]>();

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** Sends a GET request on a kept or new connection. Never rejects. */
  async get({ origin, target, headers }: WireRequest, exchange: Omit<Exchange, 'requestHead'>): Promise<Outcome> {
    const idle = this.#idleOf(origin);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const requestHead = `GET ${target} HTTP/1.1\r\n${lines.join('')}\r\n`;
    for (;;) {
      const kept = idle.pop();
      if (kept && !kept.isOpen) continue;
      const connection = kept ?? new Connection(origin, this.#options);
      const outcome = await connection.send({ ...exchange, requestHead });
      if (connection.isOpen) idle.push(connection);
      // A server may close an idle connection at the moment of the next request.
      const isStale = kept && !outcome.head && exchange.signal?.aborted !== true && isReset(outcome.failure);
      if (!isStale) return outcome;
    }
  }

  #idleOf({ isSecure, host, port }: Origin): Connection[] {
    const key = `${isSecure} ${host} ${port}`;
    const known = this.#idle.get(key);
    if (known) return known;
    const connections: Connection[] = [];
    this.#idle.set(key, connections);
    return connections;
  }
}

export function whereTo({ protocol, hostname, port }: URL): Origin {
  const isSecure = protocol === 'https:';
  return {
    isSecure,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (isSecure ? 443 : 80) : Number(port),
  };
}

function isReset(failure: unknown): boolean {
  const code = (failure as NodeJS.ErrnoException | null | undefined)?.code;
  return code === 'ECONNRESET' || code === 'EPIPE';
}
