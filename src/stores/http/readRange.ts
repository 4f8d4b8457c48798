import { ChannelError, MillraceError } from '../../base/errors.js';
import { objectChanged, shownUrl } from '../objectErrors.js';
import { bytesOfAnswer, type RangeOf } from './checkAnswer.js';
import type { Exchange, Outcome } from './connection.js';
import type { ResponseHead } from './responseHead.js';
import { backOff, isPassingFailure, isPassingStatus, type RetryPolicy } from './retry.js';

/** What the stores do differently. */
export interface RangeProtocol {
  readonly retry: RetryPolicy;
  /** Requests a range. Rejects only with errors that a repetition does not mend. */
  readonly send: (range: RangeOf, exchange: Omit<Exchange, 'request'>) => Promise<Outcome>;
  /** Explains a status that is no success. */
  readonly explain: (head: ResponseHead, text: string) => Explanation;
}

/** An answer of a server in words. */
export interface Explanation {
  /** The server's own words, such as `AccessDenied`. May be empty. */
  readonly detail: string;
  /** A sentence. */
  readonly remedy: string;
}

/** Requests that may have to be repeated. */
export interface Requests {
  /** The range of the next request. */
  readonly range: () => RangeOf;
  readonly accept: Exchange['accept'];
  /** Returns whether no further request is needed. Called after each. */
  readonly isDone: (outcome: Outcome) => boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * Reads a range into fresh memory. Repeats what may pass (a reset, a stall, a short body, 429, 500, 502, 503, 504) from
 * the byte reached, after a wait.
 *
 * @throws ChannelError, or the signal's reason.
 */
export async function readRange(
  protocol: RangeProtocol,
  { object, start, end }: RangeOf,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(end - start).buffer);
  let filled = 0;
  const rest = (): RangeOf => ({ object, start: start + filled, end });
  if (bytes.length === 0) return bytes;
  await requestUntilDone(protocol, {
    range: rest,
    accept: (head) => (isSuccess(head) ? bytes.subarray(filled, filled + bytesOfAnswer(head, rest())) : undefined),
    isDone: ({ received }) => {
      filled += received;
      return filled === bytes.length;
    },
    signal,
  });
  return bytes;
}

/**
 * Repeats a request until it is done, and returns how the last one ended.
 *
 * @throws ChannelError if the budget of attempts is used up, or if a repetition would not help; the signal's reason.
 */
export async function requestUntilDone(
  protocol: RangeProtocol,
  { range, accept, isDone, signal }: Requests,
): Promise<Outcome> {
  const { retry } = protocol;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    const requested = range();
    const outcome = await protocol.send(requested, { accept, signal });
    signal?.throwIfAborted();
    if (isDone(outcome)) return outcome;
    if (attempt === retry.attempts || !mayPass(outcome)) throw failureOf(outcome, protocol, requested, attempt);
    await backOff(retry, { attempt, retryAfter: outcome.head?.headers.get('retry-after'), signal });
  }
}

export function isSuccess({ status }: ResponseHead): boolean {
  return status === 206 || status === 200;
}

function mayPass({ head, failure }: Outcome): boolean {
  if (head && !isSuccess(head)) return isPassingStatus(head.status);
  if (failure instanceof MillraceError) return false;
  // A failure without a code is a malformed or short response.
  const isMalformed = failure === undefined || (failure as NodeJS.ErrnoException).code === undefined;
  return isMalformed ? head?.status !== 200 : isPassingFailure(failure);
}

/** Returns the error that tells how the last of some attempts ended. */
function failureOf(outcome: Outcome, protocol: RangeProtocol, range: RangeOf, attempt: number): Error {
  const { head, failure, text } = outcome;
  const { object, start, end } = range;
  if (failure instanceof MillraceError) return failure;
  if (head?.status === 412) return objectChanged(object, `the server refused its version ${object.version}`, 412);
  if (head?.status === 416) return objectChanged(object, `it has no byte ${start}`, 416);
  const { finding, remedy } = head && !isSuccess(head) ? answered(head, protocol.explain(head, text)) : cut(outcome);
  const attempts = attempt === 1 ? '' : ` after ${attempt} attempts`;
  const path = shownUrl(object.url);
  return new ChannelError(`Cannot read the bytes ${start} to ${end} of ${path}${attempts}: ${finding}. ${remedy}`, {
    code: 'ERR_CHANNEL_IO',
    path,
    status: head?.status,
    errno: (failure as NodeJS.ErrnoException | undefined)?.code,
    cause: failure,
  });
}

/** Says what happened, and what to do. */
interface Finding {
  readonly finding: string;
  readonly remedy: string;
}

function answered({ status }: ResponseHead, { detail, remedy }: Explanation): Finding {
  return { finding: `the server answered ${status}${detail === '' ? '' : ` (${detail})`}`, remedy };
}

function cut({ head, received, failure }: Outcome): Finding {
  if (head?.status === 200) {
    const remedy = 'List the object again: the server may be another one than at that time.';
    return { finding: 'the server ignored the range, and answered 200 instead of 206', remedy };
  }
  const finding = failure instanceof Error ? failure.message : 'the server sent fewer bytes than requested';
  const remedy =
    'Check the network and the server. A larger idleTimeoutMs or attempts allows for slower or busier ones.';
  return { finding: `${finding} (${received} bytes of the last response had arrived)`, remedy };
}
