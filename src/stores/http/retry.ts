import { setTimeout as wait } from 'node:timers/promises';

export interface RetryPolicy {
  readonly attempts: number;
  readonly backoffMs: number;
}

const MAX_WAIT_MS = 20_000;

const TEMPORARY_CODES = new Set([
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

const TEMPORARY_STATUSES = new Set([429, 500, 502, 503, 504]);

export function isTemporaryStatus(status: number): boolean {
  return TEMPORARY_STATUSES.has(status);
}

export function isTemporaryFailure(failure: unknown): boolean {
  return TEMPORARY_CODES.has((failure as NodeJS.ErrnoException | undefined)?.code ?? '');
}

export interface WaitOptions {
  /** The number of the attempt that has failed, from 1. */
  readonly failedAttempt: number;
  /** The header `Retry-After`. A date in this header is ignored. */
  readonly retryAfter: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Waits a random time, so that many readers do not retry at the same moment. The maximum time doubles with each
 * attempt.
 *
 * With `Retry-After`, waits at least this time, which is not random. The limit is 20 seconds, also for `Retry-After`.
 */
export async function backOff(
  { backoffMs }: RetryPolicy,
  { failedAttempt, retryAfter, signal }: WaitOptions,
): Promise<void> {
  const randomMs = Math.random() * backoffMs * 2 ** (failedAttempt - 1);
  const requestedMs = /^\d+$/.test(retryAfter ?? '') ? Number(retryAfter) * 1000 : 0;
  const ms = Math.min(Math.max(randomMs, requestedMs), MAX_WAIT_MS);
  await wait(ms, undefined, signal && { signal }).catch((error: unknown) => {
    throw signal?.reason ?? error;
  });
}
