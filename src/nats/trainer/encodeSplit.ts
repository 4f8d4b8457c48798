import { ConfigError } from '../../base/errors.js';
import { encodeMessage, type SplitMessage } from '../protocol.js';

/**
 * Encodes a split for the work queue.
 *
 * @param maxBytes - the largest message that the server accepts.
 * @throws ConfigError if `split` or `data` cannot be encoded, or if they are too large.
 */
export function encodeSplit(name: string, split: SplitMessage, maxBytes = Infinity): Uint8Array {
  const fail = (reason: string, cause?: unknown): never => {
    throw new ConfigError(`${name}: splits[${split.index}] and data ${reason}`, { path: 'splits', cause });
  };
  let message: Uint8Array;
  try {
    message = encodeMessage('splitMessage', split);
  } catch (cause) {
    return fail(`cannot be sent to helpers: ${String(cause)}`, cause);
  }
  if (message.length <= maxBytes) return message;
  return fail(
    `have ${message.length} bytes, but the server accepts at most ${maxBytes}. Pass names of files instead of their contents.`,
  );
}
