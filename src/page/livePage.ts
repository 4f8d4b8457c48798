import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LiveState } from './reportPage.js';

const LEAST_INTERVAL_MS = 1000;
/** At most a fiftieth of the time is spent on the page. */
const COST_FACTOR = 50;
const CLOSE_MS = 1000;

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/**
 * Serves a page on the loopback interface. A request with the query `next` is answered at the next update. The server
 * does not keep the process alive.
 */
export class LivePage {
  readonly #contents: (state: LiveState) => string;
  /** Other users and web pages on this machine cannot guess this path. */
  readonly #path = `/${crypto.randomUUID()}/`;
  readonly #waiting = new Set<ServerResponse>();
  #server: Server | undefined;
  #state: LiveState = 'live';
  #page = '';
  #nextAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(contents: (state: LiveState) => string) {
    this.#contents = contents;
  }

  /** Starts the server, and returns the URL of the page. */
  async serve(): Promise<string> {
    // Only a live page needs this module, which takes milliseconds to load.
    const { createServer } = await import('node:http');
    const server = createServer((request, response) => this.#answer(request, response));
    this.#server = server.on('connection', (socket) => socket.unref()).unref();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}${this.#path}`;
  }

  /** Sends the last contents to the pages that are open, and stops. */
  async close(): Promise<void> {
    const server = this.#server;
    if (this.#state === 'ended' || !server) return;
    this.#state = 'ended';
    this.#nextAt = 0;
    const closed = once(server, 'close');
    server.close();
    this.#update();
    const timer = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
    await closed;
    clearTimeout(timer);
  }

  #answer({ method, url }: IncomingMessage, response: ServerResponse): void {
    if (method !== 'GET' || !url?.startsWith(this.#path)) response.writeHead(404).end();
    else if (url === `${this.#path}?next` && this.#state === 'live') {
      this.#waiting.add(response);
      response.on('close', () => this.#waiting.delete(response));
      this.#timer ??= setTimeout(this.#update, Math.max(0, this.#nextAt - performance.now())).unref();
    } else response.writeHead(200, HEADERS).end(this.#upToDate());
  }

  readonly #update = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const page = this.#waiting.size > 0 ? this.#upToDate() : '';
    for (const response of this.#waiting) response.writeHead(200, HEADERS).end(page);
    this.#waiting.clear();
  };

  #upToDate(): string {
    const startedAt = performance.now();
    if (startedAt < this.#nextAt) return this.#page;
    this.#page = this.#contents(this.#state);
    const endedAt = performance.now();
    this.#nextAt = endedAt + Math.max(LEAST_INTERVAL_MS, COST_FACTOR * (endedAt - startedAt));
    return this.#page;
  }
}
