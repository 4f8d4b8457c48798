import { ConfigError } from '../../base/errors.js';
import { requireBytes } from '../../base/requireBytes.js';

const NEWLINE = 0x0a;

/**
 * Returns a line and a newline as bytes. Strings become UTF-8. By default, the readers remove a carriage return before
 * the newline.
 *
 * @throws ConfigError if the line is neither a string nor a Uint8Array, or contains a newline.
 */
export function encodeTextLine(line: string | Uint8Array): Uint8Array {
  const bytes = typeof line === 'string' ? Buffer.from(line, 'utf8') : line;
  requireBytes('encodeTextLine', bytes, { path: 'line' });
  const newline = bytes.indexOf(NEWLINE);
  if (newline >= 0) {
    throw new ConfigError(`encodeTextLine: expected one line, found a newline at byte ${newline}`, { path: 'line' });
  }
  const framed = new Uint8Array(bytes.length + 1);
  framed.set(bytes);
  framed[bytes.length] = NEWLINE;
  return framed;
}
