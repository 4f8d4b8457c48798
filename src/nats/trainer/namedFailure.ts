import { MillraceError } from '../../base/errors.js';
import { printable } from '../../base/printable.js';
import { showValue } from '../../base/showValue.js';
import { decodeError, type EncodedError } from '../../workers/crossing/encodeError.js';

export interface FailedSplit {
  readonly name: string;
  readonly index: number;
  readonly split: unknown;
  readonly attempts: number;
  readonly host: string;
}

/**
 * Decodes the error of a helper, and appends the split to its message.
 *
 * @param encoded - the encoded error, or `undefined` if the helpers died.
 */
export function namedFailure(encoded: unknown, { name, index, split, attempts, host }: FailedSplit): unknown {
  const place = `splits[${index}] (${showValue(split)})`;
  const times = attempts === 1 ? 'failed' : `failed ${attempts} times, the last time`;
  const error = encoded === undefined ? undefined : decoded(encoded);
  if (error instanceof Error) {
    error.message += printable(` (${name}: ${place} ${times} on ${host})`);
    return error;
  }
  const reason =
    encoded === undefined
      ? 'The helpers that worked on this split died, for example because of too little memory, or lost their connection.'
      : `It threw ${showValue(error)}.`;
  return new MillraceError(`${name}: ${place} ${times} on ${host}. ${reason}`, { code: 'ERR_WORKER', cause: error });
}

/** Does not throw, although the fields of a received error can have any type. */
function decoded(encoded: unknown): unknown {
  try {
    return decodeError(encoded as EncodedError);
  } catch {
    return new Error("The helper's error could not be decoded");
  }
}
