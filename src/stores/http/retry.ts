import { setTimeout as wait } from 'node:timers/promises';

export interface RetryPolicy {
  readonly attempts: number;
  readonly backoffMs: number;
}

const LONGEST_WAIT_MS = 20_000;

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
  readonly attempt: number;
  /** The header `Retry-After`. A date in this header is ignored. */
  readonly retryAfter: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Waits a random time, so that many readers do not retry at the same moment. The maximum time doubles with each
 * attempt.
 */
export async function backOff({ backoffMs }: RetryPolicy, { attempt, retryAfter, signal }: WaitOptions): Promise<void> {
  const random = Math.random() * backoffMs * 2 ** (attempt - 1);
  const asked = /^\d+$/.test(retryAfter ?? '') ? Number(retryAfter) * 1000 : 0;
  const ms = Math.min(Math.max(random, asked), LONGEST_WAIT_MS);
  await wait(ms, undefined, signal && { signal }).catch((error: unknown) => {
    throw signal?.reason ?? error;
  });
}
