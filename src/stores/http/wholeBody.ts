import type { IncomingMessage, RequestOptions } from 'node:http';
import type { Outcome } from './connection.js';
import { stalled } from './requestErrors.js';

export interface BodyRequest extends RequestOptions {
  readonly idleTimeoutMs: number;
  readonly ca: string | undefined;
}

/** The caller must read or destroy the response. */
export interface OpenBody {
  readonly outcome: Outcome;
  readonly response: IncomingMessage | undefined;
}

/** Sends a GET request on a new connection. Resolves with the head. Never rejects. */
export async function openBody(url: URL, { idleTimeoutMs, ca, ...options }: BodyRequest): Promise<OpenBody> {
  const { get } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'));
  return new Promise((resolve) => {
    const fail = (failure: unknown): void => {
      resolve({ outcome: { head: undefined, received: 0, text: '', failure }, response: undefined });
    };
    const request = get(url, { ...options, agent: false, ...(ca === undefined ? {} : { ca }) } as RequestOptions);
    request.setTimeout(idleTimeoutMs, () => request.destroy(stalled(idleTimeoutMs)));
    request.on('error', fail);
    request.on('response', (response) => {
      // From here, a pause can mean a slow consumer instead of a stalled server.
      request.setTimeout(0);
      const headers = new Map(Object.entries(response.headers).map(([name, value]) => [name, String(value)]));
      const head = { status: response.statusCode ?? 0, headers, byteLength: 0 };
      resolve({ outcome: { head, received: 0, text: '', failure: undefined }, response });
    });
  });
}

/** Waits at most `idleTimeoutMs` for each requested chunk. */
export async function* readBody(response: IncomingMessage, idleTimeoutMs: number): AsyncGenerator<Uint8Array> {
  const chunks = response[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    for (;;) {
      const timer = setTimeout(() => response.destroy(stalled(idleTimeoutMs)), idleTimeoutMs);
      const next = await chunks.next().finally(() => clearTimeout(timer));
      if (next.done === true) return;
      yield new Uint8Array(next.value.buffer, next.value.byteOffset, next.value.length);
    }
  } finally {
    response.destroy();
  }
}
