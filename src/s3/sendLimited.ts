import { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { stalled } from '../stores/http/stalled.js';
import { handlerOf } from './sendThrough.js';
import type { S3Context } from './s3Context.js';

const SLICE_BYTES = 64 * 1024;

type Stack = GetObjectCommand['middlewareStack'];

/**
 * Returns a function that sends a command through the client. If a request neither sends nor receives a byte for
 * `idleTimeoutMs`, the request ends, and the SDK repeats the request. Without this limit, the SDK waits forever.
 *
 * Adds an innermost step to the middleware. This step sends the request itself, so that it can also end the request.
 */
export function sendLimited({ client, idleTimeoutMs }: S3Context, signal: AbortSignal | undefined): S3Client['send'] {
  const send = (command: { readonly middlewareStack: unknown }): Promise<unknown> => {
    (command.middlewareStack as Stack).add(
      () =>
        async ({ request }) => {
          const limit = new AbortController();
          const timer = setTimeout(() => limit.abort(), idleTimeoutMs);
          const abortSignal = signal ? AbortSignal.any([signal, limit.signal]) : limit.signal;
          try {
            const handler = handlerOf(client);
            const watched = watchBody(request, timer, handler.metadata?.handlerProtocol);
            const { response } = await handler.handle(watched, { abortSignal });
            limitBody(response.body, idleTimeoutMs);
            return { response };
          } catch (error) {
            // The SDK repeats a request after an error with this name.
            throw limit.signal.aborted ? Object.assign(stalled(idleTimeoutMs), { name: 'TimeoutError' }) : error;
          } finally {
            clearTimeout(timer);
          }
        },
      { step: 'deserialize', priority: 'low', name: 'millraceLimitsRequest' },
    );
    return client.send(command as GetObjectCommand, signal && { abortSignal: signal });
  };
  return send as S3Client['send'];
}

interface SentRequest {
  readonly body?: unknown;
}

/** Returns the request with a body that restarts the timer at each slice. */
function watchBody(request: unknown, timer: NodeJS.Timeout, protocol: string | undefined): unknown {
  const { body } = request as SentRequest;
  if (!(body instanceof Uint8Array) || body.length === 0) return request;
  // Only the SDK's default handler is known to accept streams. With other handlers, a body has no time limit, because
  // its progress is unknown.
  if (protocol !== 'http/1.1') {
    clearTimeout(timer);
    return request;
  }
  const watched = Readable.from(slices(body, timer), { objectMode: false });
  return Object.assign(Object.create(Object.getPrototypeOf(request) as object), request, { body: watched }) as object;
}

function* slices(bytes: Uint8Array, timer: NodeJS.Timeout): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    timer.refresh();
    yield bytes.subarray(at, at + SLICE_BYTES);
  }
  timer.refresh();
}

/**
 * Limits the time between two chunks. Removes the limit at the end of the body, because the socket may be used again.
 */
function limitBody(body: unknown, idleTimeoutMs: number): void {
  if (!(body instanceof IncomingMessage)) return;
  const { socket } = body;
  let isLimited = true;
  const end = (): void => void body.destroy(stalled(idleTimeoutMs));
  const release = (): void => {
    if (isLimited) socket.setTimeout(0, end);
    isLimited = false;
  };
  socket.setTimeout(idleTimeoutMs, end);
  body.once('end', release).once('close', release);
}
