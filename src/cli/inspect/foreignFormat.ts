import { isUtf8 } from 'node:buffer';
import { signedFormat, utf16MarkOf } from '../../formats/framing/signedFormat.js';

export const NO_FORMAT =
  'it does not begin with the magic word of RecordIO or a valid header of TFRecord, and it is not text';

/** Returns an error message, or `undefined` if the format is unknown. */
export function foreignFormat(head: Uint8Array): string | undefined {
  const encoding = utf16Of(head);
  if (encoding !== undefined) return `this is text in ${encoding}: convert it with iconv -f ${encoding} -t UTF-8`;
  if (head.length > 0 && head.every((byte) => byte === 0)) {
    return `${NO_FORMAT}; it begins only with zeros, like a file whose space was reserved but never written`;
  }
  const found = signedFormat(head);
  return found && `this is ${found.name}: ${found.remedy}`;
}

/** Detects the byte order mark, or zeros between ASCII characters. */
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
const TEXT_CONTROLS: readonly number[] = [...Buffer.from('\t\n\v\f\r\u001b')];

/** True if there is no UTF-16 mark and no control character. White space and the escape character are allowed. */
export function isText(sample: Uint8Array): boolean {
  if (utf16MarkOf(sample)) return false;
  return sample.every((byte) => byte >= FIRST_PRINTABLE || TEXT_CONTROLS.includes(byte));
}

function isPlainText(bytes: Uint8Array): boolean {
  return bytes.length > 1 && isText(bytes) && isUtf8(bytes);
}
