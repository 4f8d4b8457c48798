import { ChannelError, MillraceError } from '../../base/errors.js';
import { objectChanged, shownUrl } from '../objectErrors.js';
import type { StoreReadOptions } from '../store.js';
import { bytesOfAnswer, ifMatch, type RangeOf } from './checkAnswer.js';
import type { Exchange, Outcome } from './connection.js';
import type { ResponseHead } from './responseHead.js';
import { failureRemedy } from './requestErrors.js';
import { backOff, isTemporaryFailure, isTemporaryStatus, type RetryPolicy } from './retry.js';

export interface RangeProtocol {
  readonly retry: RetryPolicy;
  /** Requests a range. Rejects only if a retry cannot help. */
  readonly send: (range: RangeOf, exchange: Omit<Exchange, 'requestHead'>) => Promise<Outcome>;
  readonly explain: (head: ResponseHead, text: string) => Explanation;
}

export interface Explanation {
  /** The server's name for the error, such as `AccessDenied`. May be empty. */
  readonly detail: string;
  readonly remedy: string;
}

export interface RepeatedRequest {
  readonly range: () => RangeOf;
  /** If true, errors do not name the range. Default: false. */
  readonly isWholeObject?: boolean;
  readonly accept: Exchange['accept'];
  /** Called after each request. Returns true if no further request is needed. */
  readonly isDone: (outcome: Outcome) => boolean;
  readonly signal: AbortSignal | undefined;
}

/** Reads a range. After a temporary failure, waits, and requests the rest of the range. */
export async function readRange(
  protocol: RangeProtocol,
  { object, start, end }: RangeOf,
  { signal, into }: StoreReadOptions,
): Promise<Uint8Array> {
  const bytes = into ?? new Uint8Array(Buffer.allocUnsafeSlow(end - start).buffer);
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
 * Repeats a request until `isDone` returns true. Returns the last outcome.
 *
 * @throws ChannelError if all attempts failed, or if a retry cannot help.
 * @throws the signal's reason after an abort.
 */
export async function requestUntilDone(
  protocol: RangeProtocol,
  { range, isWholeObject = false, accept, isDone, signal }: RepeatedRequest,
): Promise<Outcome> {
  const { retry } = protocol;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    const requested = range();
    const outcome = await protocol.send(requested, { accept, signal });
    signal?.throwIfAborted();
    if (isDone(outcome)) return outcome;
    if (attempt === retry.attempts || !isTemporary(outcome)) {
      throw failureOf(outcome, protocol, { ...requested, isWholeObject, attempt });
    }
    await backOff(retry, { failedAttempt: attempt, retryAfter: outcome.head?.headers.get('retry-after'), signal });
  }
}

export function isSuccess({ status }: ResponseHead): boolean {
  return status === 206 || status === 200;
}

function isTemporary({ head, failure }: Outcome): boolean {
  if (head && !isSuccess(head)) return isTemporaryStatus(head.status);
  if (failure instanceof MillraceError) return false;
  // A failure without a code is a malformed or short response.
  const isMalformed = failure === undefined || (failure as NodeJS.ErrnoException).code === undefined;
  return isMalformed ? head?.status !== 200 : isTemporaryFailure(failure);
}

function failureOf(
  outcome: Outcome,
  protocol: RangeProtocol,
  request: RangeOf & { readonly isWholeObject: boolean; readonly attempt: number },
): Error {
  const { head, failure, text } = outcome;
  const { object, start, end, isWholeObject, attempt } = request;
  if (failure instanceof MillraceError) return failure;
  if (head?.status === 412 && 'if-match' in ifMatch(object))
    return objectChanged(object, `the server no longer has version ${object.version}`, 412);
  if (head?.status === 416 && object.byteLength !== undefined)
    return objectChanged(object, `it has no byte ${start}`, 416);
  const { finding, remedy } =
    head && !isSuccess(head) ? findingOfStatus(head, protocol.explain(head, text)) : findingOfFailure(outcome);
  const attempts = attempt === 1 ? '' : ` after ${attempt} attempts`;
  const path = shownUrl(object.url);
  const part = isWholeObject ? '' : `the bytes ${start} to ${end} of `;
  return new ChannelError(`Cannot read ${part}${path}${attempts}: ${finding}. ${remedy}`, {
    code: 'ERR_CHANNEL_IO',
    path,
    status: head?.status,
    errno: (failure as NodeJS.ErrnoException | undefined)?.code,
    cause: failure,
  });
}

interface Finding {
  readonly finding: string;
  readonly remedy: string;
}

function findingOfStatus({ status }: ResponseHead, { detail, remedy }: Explanation): Finding {
  return { finding: `the server answered ${status}${detail === '' ? '' : ` (${detail})`}`, remedy };
}

const IGNORED_RANGE: Finding = {
  finding: 'the server ignored the range, and answered 200 instead of 206',
  remedy:
    'Subscribe again. With storeBytes(), first call list() again: a different server may have answered the listing.',
};

function findingOfFailure({ head, received, failure, connector }: Outcome): Finding {
  if (head?.status === 200) return IGNORED_RANGE;
  // The messages of OpenSSL end with a newline.
  const finding =
    (failure as Partial<Error> | undefined)?.message?.trim() ?? 'the server sent fewer bytes than requested';
  return {
    finding: `${finding} (${received} bytes of the last response had arrived)`,
    remedy: failureRemedy(failure, { connector, encoding: head?.headers.get('content-encoding') }),
  };
}
