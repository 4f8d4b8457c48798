import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach } from '@jest/globals';
import { nextTurn, until } from '../../support/fifoWriter.js';

/** An object of a {@link RangeServer}. */
export interface ServedObject {
  readonly bytes: Uint8Array;
  readonly etag?: string;
  readonly lastModified?: string;
}

/** An HTTP server of ranges that records its requests. */
export class RangeServer {
  /** By path. */
  readonly objects = new Map<string, ServedObject>();
  readonly requests: IncomingMessage[] = [];
  /** Called before an object is served. Returns true if it has responded. */
  answer: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;
  /** The number of connections so far. */
  opened = 0;
  readonly #server: Server;

  private constructor(secure: ServerOptions | undefined) {
    const listener: RequestListener = (request, response) => {
      this.requests.push(request);
      if (!this.answer(request, response)) this.#serve(request, response);
    };
    this.#server = secure ? createSecureServer(secure, listener) : createServer(listener);
    this.#server.on('connection', () => this.opened++);
  }

  static async start(secure?: ServerOptions): Promise<RangeServer> {
    const server = new RangeServer(secure);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The ranges that were requested, in order. */
  get ranges(): string[] {
    return this.requests.map(({ headers }) => headers.range ?? 'all');
  }

  /** Returns the URL of a new object. */
  serve(path: string, object: ServedObject): string {
    this.objects.set(path, object);
    return `http://127.0.0.1:${this.port}${path}`;
  }

  /** Waits until this many connections are open. */
  async untilConnections(count: number): Promise<void> {
    for (let open = -1; open !== count;) {
      await nextTurn();
      open = await new Promise((resolve) => this.#server.getConnections((_error, found) => resolve(found)));
    }
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    let isClosed = false;
    this.#server.close(() => (isClosed = true));
    await until(() => isClosed);
  }

  #serve({ url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const object = this.objects.get(url);
    if (!object) {
      response.writeHead(404).end();
      return;
    }
    const { bytes, etag, lastModified } = object;
    if (etag !== undefined) response.setHeader('etag', etag);
    if (lastModified !== undefined) response.setHeader('last-modified', lastModified);
    const condition = headers['if-match'];
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
    if (condition !== undefined && condition !== etag) response.writeHead(412).end();
    else if (first === undefined) response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    else this.#serveRange(response, bytes, { start: Number(first), end: Math.min(Number(last) + 1, bytes.length) });
  }

  #serveRange(response: ServerResponse, bytes: Uint8Array, { start, end }: { start: number; end: number }): void {
    if (start >= bytes.length) {
      response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
      return;
    }
    const headers = { 'content-length': end - start, 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` };
    response.writeHead(206, headers).end(bytes.subarray(start, end));
  }
}

/** Returns a function that starts servers. They are stopped after the test. */
export function rangeServers(): (secure?: ServerOptions) => Promise<RangeServer> {
  const servers: RangeServer[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });
  return async (secure) => {
    const server = await RangeServer.start(secure);
    servers.push(server);
    return server;
  };
}

/** Returns bytes that differ at each position. */
export function patternBytes(byteLength: number): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  for (let index = 0; index < byteLength; index++) bytes[index] = index * 31 + (index >> 8) * 17;
  return bytes;
}
