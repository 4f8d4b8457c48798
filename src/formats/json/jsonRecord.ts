import { isUtf8 } from 'node:buffer';
import { FormatError } from '../../base/errors.js';
import { jsonFault } from '../../base/jsonFault.js';
import { requireRecord } from '../../base/requireBytes.js';
import { quote } from '../../base/showValue.js';
import { compressionOfText } from '../framing/lookOf.js';
import { utf16MarkOf } from '../framing/signedFormat.js';
import { markNumbers } from './markNumbers.js';

/** One JSON value, as text or as UTF-8. */
export type JsonLine = string | Uint8Array;

const BYTE_ORDER_MARK = '\ufeff';
const REPLACEMENT = '\ufffd';

/** Also the remedy for files that contain one JSON document. */
export const ONE_VALUE =
  'each line must contain one whole JSON value. For a file that is one JSON document, write each value on its own line, ' +
  "for example with jq -c '.[]'";

export class JsonRecord {
  /** Without a byte order mark. */
  readonly text: string;
  readonly #line: JsonLine;
  readonly #index: number;

  /** @throws FormatError if the bytes are not UTF-8. */
  constructor(line: JsonLine, index: number) {
    this.#line = line;
    this.#index = index;
    const text = typeof line === 'string' ? line : this.#decode(line);
    this.text = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  }

  get isBlank(): boolean {
    return this.text.trim() === '';
  }

  parse(): unknown {
    try {
      return JSON.parse(this.text);
    } catch (cause) {
      return this.#failSyntax(cause);
    }
  }

  /** Returns `undefined` if the text is not JSON. */
  tryParse(): unknown {
    try {
      return JSON.parse(this.text);
    } catch {
      return undefined;
    }
  }

  /** Parses long integers, NaN and infinities to marked strings. */
  parseMarked(): unknown {
    try {
      return JSON.parse(markNumbers(this.text));
    } catch {
      // The error of the original text.
      return this.parse();
    }
  }

  /** @param offset - the position in `text`. */
  fail(message: string, offset = 0, cause?: unknown): never {
    const line = this.#line;
    const markBytes = typeof line === 'string' || line[0] !== 0xef || this.text.startsWith(BYTE_ORDER_MARK) ? 0 : 3;
    this.#failAt(message, markBytes + Buffer.byteLength(this.text.slice(0, offset)), cause);
  }

  #failAt(message: string, byteOffset: number, cause?: unknown): never {
    throw new FormatError(message, { kind: 'malformed', format: 'JSON', byteOffset, recordIndex: this.#index, cause });
  }

  #decode(line: Uint8Array): string {
    requireRecord('decodeJson', line, this.#index);
    const text = Buffer.from(line.buffer, line.byteOffset, line.length).toString('utf8');
    if (!text.includes(REPLACEMENT) || isUtf8(line)) return text;
    const at = Buffer.from(text).findIndex((byte, index) => byte !== line[index]);
    const look = compressionOfText(line);
    const isUtf16 = utf16MarkOf(line) !== undefined;
    const hint = isUtf16 ? ': the file is UTF-16. Convert it to UTF-8, for example with iconv' : '';
    const compression = look ? `; the line looks like ${look.name}: ${look.remedy}` : hint;
    return this.#failAt(`the line is not valid UTF-8 (byte ${at} of the line)${compression}`, at);
  }

  #failSyntax(cause: unknown): never {
    const { text } = this;
    const { column, offset, message } = jsonFault(text, cause);
    const rest = text.slice(offset).trimStart();
    if (rest === '') this.fail(`the line ends inside of a value: ${ONE_VALUE}`, offset, cause);
    const place = `column ${column}: ${message}`;
    if (/^(NaN|Infinity)/.test(rest)) this.fail(`${place}: ${NO_NUMBER}`, offset, cause);
    const isPart = message.startsWith('expected the end') || /^[\]}]/.test(text.trimStart());
    this.fail(isPart ? `${place}: ${ONE_VALUE}` : `${place}; the line is ${quote(text)}`, offset, cause);
  }
}

const NO_NUMBER =
  'JSON has no NaN and no infinities: write null, or read the number as a float32 feature (option "features")';
