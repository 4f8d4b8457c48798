import { ConfigError } from '../../base/errors.js';
import { requireBytes } from '../../base/requireBytes.js';

const NEWLINE = 0x0a;

/**
 * One line with its newline; a string is written as UTF-8.
 *
 * A carriage return at the line's end is lost on readers that take `\r\n` for one line end, as ours do by default.
 *
 * @throws ConfigError if the line is neither text nor a Uint8Array, or holds a newline: it would be read as two.
 */
export function encodeTextLine(line: string | Uint8Array): Uint8Array {
  const bytes = typeof line === 'string' ? Buffer.from(line, 'utf8') : line;
  requireBytes('encodeTextLine', bytes, { path: 'line' });
  const newline = bytes.indexOf(NEWLINE);
  if (newline >= 0) {
    throw new ConfigError(`encodeTextLine: the line holds a newline, at byte ${newline}`, { path: 'line' });
  }
  const framed = new Uint8Array(bytes.length + 1);
  framed.set(bytes);
  framed[bytes.length] = NEWLINE;
  return framed;
}
