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
 * Returns the error of a helper, with its class and fields, and with the split at the end of its message.
 *
 * @param encoded - `undefined` if the helpers died.
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
      ? 'The helpers that worked on it died, for example of a lack of memory, or lost their connection.'
      : `It threw ${showValue(error)}.`;
  return new MillraceError(`${name}: ${place} ${times} on ${host}. ${reason}`, { code: 'ERR_WORKER', cause: error });
}

/** The fields of an error of the wire may be of any form. */
function decoded(encoded: unknown): unknown {
  try {
    return decodeError(encoded as EncodedError);
  } catch {
    return new Error('an error that cannot be read');
  }
}
