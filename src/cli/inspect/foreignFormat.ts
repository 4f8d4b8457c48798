import { isUtf8 } from 'node:buffer';
import { signedFormat, utf16MarkOf } from '../../formats/framing/signedFormat.js';

/** The message about bytes of no known format. */
export const NO_FORMAT =
  'it begins neither with the magic word of RecordIO nor with a valid header of TFRecord, and it is not text';

/**
 * Returns a message about a format that millrace does not read, by its first bytes; `undefined` if they are not known.
 */
export function foreignFormat(head: Uint8Array): string | undefined {
  const encoding = utf16Of(head);
  if (encoding !== undefined) return `this is text in ${encoding}: convert it: iconv -f ${encoding} -t UTF-8`;
  if (head.length > 0 && head.every((byte) => byte === 0)) {
    return `it begins with zeros only, as a preallocated file that was never written: ${NO_FORMAT}`;
  }
  const found = signedFormat(head);
  return found && `this is ${found.name}: ${found.remedy}`;
}

/** Returns the encoding of UTF-16 text, by its byte order mark, or by the zeros between ASCII characters. */
function utf16Of(head: Uint8Array): string | undefined {
  const marked = utf16MarkOf(head);
  if (marked) return marked;
  const even = head.filter((_, index) => index % 2 === 0);
  const odd = head.filter((_, index) => index % 2 === 1);
  if (isPlainText(even) && odd.length > 1 && odd.every((byte) => byte === 0)) return 'UTF-16LE';
  if (isPlainText(odd) && even.length > 1 && even.every((byte) => byte === 0)) return 'UTF-16BE';
  return undefined;
}

const FIRST_PRINTABLE = 0x20;
/** The only control characters in text, in every encoding that leaves ASCII as it is. */
const TEXT_CONTROLS: readonly number[] = [...Buffer.from('\t\n\v\f\r\u001b')];

/** Whether the bytes hold no control characters but blanks and escape, and no mark of UTF-16. */
export function isText(sample: Uint8Array): boolean {
  if (utf16MarkOf(sample)) return false;
  return sample.every((byte) => byte >= FIRST_PRINTABLE || TEXT_CONTROLS.includes(byte));
}

function isPlainText(bytes: Uint8Array): boolean {
  return bytes.length > 1 && isText(bytes) && isUtf8(bytes);
}
