import type { S3Client } from '@aws-sdk/client-s3';
import { abortReasonOr } from '../base/abortReasonOr.js';
import type { Exchange, Outcome } from '../stores/http/connection.js';
import { IncorrectResponse, stalled } from '../stores/http/requestErrors.js';
import type { ResponseHead } from '../stores/http/responseHead.js';
import { SCRATCH_BYTES } from '../stores/http/responseReader.js';

/** The properties that millrace uses in request handlers of the SDK. A custom handler has only `handle`. */
export interface RequestHandler {
  readonly metadata?: { readonly handlerProtocol?: string };
  readonly handle: (
    request: unknown,
    options: { readonly abortSignal: AbortSignal },
  ) => Promise<{ readonly response: HandledResponse }>;
  readonly externalAgent?: boolean;
  readonly configProvider?: Promise<HandlerConfig>;
}

interface HandlerConfig {
  readonly httpAgent?: object;
  readonly httpsAgent?: object;
  readonly httpAgentProvider?: () => Promise<object>;
}

export interface HandledResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export function handlerOf({ config }: S3Client): RequestHandler {
  return config.requestHandler;
}

/** True if the user has chosen how requests are sent, for example through a proxy or with client certificates. */
export async function hasOwnHandler(client: S3Client): Promise<boolean> {
  const handler = handlerOf(client);
  if (!handler.configProvider) return true;
  const { httpAgent, httpsAgent, httpAgentProvider } = await handler.configProvider;
  const agents = [httpAgent ?? (await httpAgentProvider?.()), httpsAgent];
  return handler.externalAgent === true || agents.some((agent) => agent !== undefined && isOwn(agent));
}

/**
 * These options of an agent do not change where and how it connects. Later versions of Node.js set more of these
 * options.
 */
const POOL_OPTIONS =
  'keepAlive keepAliveMsecs maxSockets maxTotalSockets maxFreeSockets noDelay path scheduling timeout'.split(' ');

/** The SDK makes an agent of Node from plain options, for example `{ ca }`. */
function isOwn(agent: object): boolean {
  const { constructor, options = {} } = agent as { readonly constructor: unknown; readonly options?: object };
  const { Agent: PlainAgent } = process.getBuiltinModule('node:http');
  const { Agent: SecureAgent } = process.getBuiltinModule('node:https');
  if (![PlainAgent, SecureAgent, Object].includes(constructor as never)) return true;
  const known = [...POOL_OPTIONS, ...Object.keys(new SecureAgent().options)];
  return Object.keys(constructor === Object ? agent : options).some((name) => !known.includes(name));
}

/** Sends a signed request through the handler of the client. Never rejects. */
export async function sendThrough(
  handler: RequestHandler,
  request: unknown,
  { accept, signal, idleTimeoutMs }: Omit<Exchange, 'requestHead'> & { readonly idleTimeoutMs: number },
): Promise<Outcome> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), idleTimeoutMs);
  const abortSignal = signal ? AbortSignal.any([signal, limit.signal]) : limit.signal;
  let head: ResponseHead | undefined;
  let received = 0;
  let text = '';
  try {
    const { response } = await handler.handle(request, { abortSignal });
    head = headOf(response);
    const target = accept(head);
    const latest = performance.now() + idleTimeoutMs;
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      timer.refresh();
      if (!target) {
        text += Buffer.from(chunk).toString('latin1');
        if (text.length >= SCRATCH_BYTES || performance.now() > latest) break;
      } else if (received + chunk.length <= target.length) target.set(chunk, received);
      else throw new IncorrectResponse('the server sent more bytes than the response head announced');
      if (target) received += chunk.length;
    }
    return { head, received, text, failure: undefined };
  } catch (error) {
    const failure = abortReasonOr(signal, limit.signal.aborted ? stalled(idleTimeoutMs) : error);
    return { head, received, text, failure, connector: 'S3Client' };
  } finally {
    clearTimeout(timer);
  }
}

function headOf({ statusCode, headers }: HandledResponse): ResponseHead {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return { status: statusCode, headers: new Map(entries), byteLength: 0 };
}
