import { setTimeout as wait } from 'node:timers/promises';

/** How often and how fast a failed request is repeated. */
export interface RetryPolicy {
  /** The largest number of requests for one range. */
  readonly attempts: number;
  /** The longest wait before the second request, in milliseconds. It doubles with each further request. */
  readonly backoffMs: number;
}

const LONGEST_WAIT_MS = 20_000;

/** Errors of the network that may not happen again. */
const PASSING = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EPIPE',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
]);

const PASSING_STATUS = new Set([429, 500, 502, 503, 504]);

export function isPassingStatus(status: number): boolean {
  return PASSING_STATUS.has(status);
}

export function isPassingFailure(failure: unknown): boolean {
  return PASSING.has((failure as NodeJS.ErrnoException | undefined)?.code ?? '');
}

/** What the last response and the caller say about the wait. */
export interface WaitOptions {
  /** The number of requests so far. */
  readonly attempt: number;
  /** The server's header of this name. Only seconds are heeded. */
  readonly retryAfter: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Waits a random time below a limit that doubles with each attempt, so that many readers do not return at once. */
export async function backOff({ backoffMs }: RetryPolicy, { attempt, retryAfter, signal }: WaitOptions): Promise<void> {
  const random = Math.random() * backoffMs * 2 ** (attempt - 1);
  const asked = /^\d+$/.test(retryAfter ?? '') ? Number(retryAfter) * 1000 : 0;
  const ms = Math.min(Math.max(random, asked), LONGEST_WAIT_MS);
  await wait(ms, undefined, signal && { signal }).catch((error: unknown) => {
    throw signal?.reason ?? error;
  });
}
