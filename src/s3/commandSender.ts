import { addAbortSignal, Readable } from 'node:stream';
import type { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { abortReasonOr } from '../base/abortReasonOr.js';
import { timedOut, unfinished } from '../stores/http/requestErrors.js';
import { plainXml } from './plainXml.js';
import { checkBody, IncorrectAnswer } from './s3Answer.js';
import type { S3Context } from './s3Context.js';
import { NotSent, statusOf } from './sdkException.js';
import { handlerOf, type HandledResponse } from './sendThrough.js';

const SLICE_BYTES = 64 * 1024;

/**
 * The limit is larger than a page of 1,000 keys. A key has at most 1,024 bytes, and XML may need six bytes for each.
 */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** The maximum time for a whole answer, as a multiple of `idleTimeoutMs`. */
const MAX_IDLE_TIMEOUTS = 10;

type Stack = GetObjectCommand['middlewareStack'];

/**
 * Returns a function that sends a command through the client, and checks the answer. If a request neither sends nor
 * receives a byte for `idleTimeoutMs`, the request ends, and the SDK repeats the request. Without this limit, the SDK
 * waits forever. An answer is an error if it has more than 16 MiB, or takes more than ten times `idleTimeoutMs`.
 *
 * Adds an innermost step to the middleware. This step sends the request itself, so that it can also end the request.
 *
 * @param mayRepeat - returns false if the SDK must not repeat a request.
 */
export function commandSender(
  context: S3Context,
  signal: AbortSignal | undefined,
  mayRepeat: () => boolean = () => true,
): S3Client['send'] {
  const send = async (command: { readonly middlewareStack: unknown }): Promise<unknown> => {
    let isSent = false;
    (command.middlewareStack as Stack).add(
      (_next, { commandName = '' }: { readonly commandName?: string }) =>
        async ({ request }) => {
          // The SDK does not repeat a request after an error that it does not know.
          if (isSent && !mayRepeat()) throw new Error(`there was no answer to ${commandName}`);
          isSent = true;
          return { response: await exchange(context, { request, commandName, signal }) };
        },
      { step: 'deserialize', priority: 'low', name: 'millraceSendsRequest' },
    );
    try {
      const sending = context.client.send(command as GetObjectCommand, signal && { abortSignal: signal });
      return await (signal ? unlessAborted(sending, signal) : sending);
    } catch (error) {
      if (signal?.aborted) throw abortReasonOr(signal, error);
      // A middleware of the user may answer instead of the server.
      throw isSent || statusOf(error) !== undefined ? error : new NotSent('', { cause: error });
    }
  };
  return send as S3Client['send'];
}

/** A custom handler may ignore the signal, and the SDK ignores the signal while it fetches credentials or waits. */
async function unlessAborted<R>(sending: Promise<R>, signal: AbortSignal): Promise<R> {
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
  });
  return Promise.race([sending, aborted]).finally(() => signal.removeEventListener('abort', abort));
}

interface SentRequest {
  readonly request: unknown;
  readonly commandName: string;
  readonly signal: AbortSignal | undefined;
}

async function exchange(
  { client, idleTimeoutMs }: S3Context,
  { request, commandName, signal }: SentRequest,
): Promise<HandledResponse> {
  const limit = new AbortController();
  const startTimer = (): NodeJS.Timeout => setTimeout(() => limit.abort(), idleTimeoutMs);
  let timer = startTimer();
  const abortSignal = signal ? AbortSignal.any([signal, limit.signal]) : limit.signal;
  try {
    const handler = handlerOf(client);
    const watched = watchBody(request, timer, handler.metadata?.handlerProtocol);
    const { response } = await handler.handle(watched, { abortSignal });
    clearTimeout(timer);
    timer = startTimer();
    const { statusCode, body } = response;
    // A handler of the user may ignore the signal.
    if (body instanceof Readable) addAbortSignal(abortSignal, body);
    else if (!(body instanceof ReadableStream)) return response;
    const chunks: Uint8Array[] = [];
    const latest = performance.now() + MAX_IDLE_TIMEOUTS * idleTimeoutMs;
    let left = MAX_ANSWER_BYTES;
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      timer.refresh();
      chunks.push(chunk);
      left -= chunk.length;
      if (left < 0) throw tooLarge(statusCode);
      if (performance.now() > latest) throw unfinished(MAX_IDLE_TIMEOUTS * idleTimeoutMs);
    }
    const bytes = Buffer.concat(chunks);
    const isSuccess = statusCode >= 200 && statusCode < 300;
    const checked = isSuccess ? checkBody(commandName, statusCode, bytes) : Buffer.from(plainXml(bytes.toString()));
    return Object.assign(response, { body: Readable.from([checked], { objectMode: false }) });
  } catch (error) {
    throw limit.signal.aborted
      ? timedOut(`no byte was sent or received for ${idleTimeoutMs / 1000} seconds (idleTimeoutMs)`)
      : error;
  } finally {
    clearTimeout(timer);
  }
}

function tooLarge(httpStatusCode: number): Error {
  return Object.assign(new IncorrectAnswer('with more than 16 MiB'), { $metadata: { httpStatusCode } });
}

/** Returns the request with a body that restarts the timer at each slice. */
function watchBody(request: unknown, timer: NodeJS.Timeout, protocol: string | undefined): unknown {
  const { body } = request as { readonly body?: unknown };
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
