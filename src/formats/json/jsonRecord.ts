import { isUtf8 } from 'node:buffer';
import { nodeCrypto } from '../../base/nodeCrypto.js';
import { FormatError } from '../../base/errors.js';
import { jsonFault } from '../../base/jsonFault.js';
import { endOfString } from '../../base/jsonTokens.js';
import { requireRecord } from '../../base/requireBytes.js';
import { quote } from '../../base/showValue.js';
import { compressionOfText } from '../framing/lookOf.js';
import { utf16MarkOf } from '../framing/signedFormat.js';

const BYTE_ORDER_MARK = '\ufeff';
const REPLACEMENT = '\ufffd';

const NO_NUMBER = 'JSON has no NaN and no infinities: write null, or declare a float32 feature';

/** The remedy for incomplete values, and for files that contain one JSON document. */
export const ONE_VALUE =
  "each line must contain one whole JSON value. To convert a file that is one JSON array, use jq -c '.[]'";

/** A random text, so that data cannot contain it. Made for the first record, because this loads a module. */
let mark: string | undefined;

/** Integers that a float64 may round, and the words that Python writes for numbers that are not finite. */
const NUMBERS = /(?<![\w.+-])(?:-?[1-9]\d{15,}(?![\d.eE]|\s*:)|(?:NaN|-?Infinity)(?!\w|\s*:))/g;

export class JsonRecord {
  /** The line without its byte order mark. */
  readonly text: string;
  readonly #markBytes: number = 0;
  readonly #index: number;

  /** @throws FormatError if the bytes are not UTF-8. */
  constructor(line: string | Uint8Array, index: number) {
    this.#index = index;
    this.text = typeof line === 'string' ? line : this.#decode(line);
    if (!this.text.startsWith(BYTE_ORDER_MARK)) return;
    this.#markBytes = Buffer.byteLength(BYTE_ORDER_MARK);
    this.text = this.text.slice(1);
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

  /**
   * Returns `undefined` if the text is not JSON.
   *
   * @param isMarked - if true, long integers, NaN and infinities become marked strings.
   */
  tryParse(isMarked: boolean): unknown {
    try {
      return JSON.parse(isMarked ? markNumbers(this.text) : this.text);
    } catch {
      return undefined;
    }
  }

  /** @param offset - the position in `text`. */
  fail(message: string, offset = 0, cause?: unknown): never {
    this.#failAt(message, this.#markBytes + Buffer.byteLength(this.text.slice(0, offset)), cause);
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
    const utf16 = utf16MarkOf(line) ? '; the file is UTF-16: convert it to UTF-8' : '';
    const hint = look ? `; the line looks like ${look.name}: ${look.remedy}` : utf16;
    return this.#failAt(`byte ${at} of the line is not valid UTF-8${hint}`, at);
  }

  #failSyntax(cause: unknown): never {
    const { text } = this;
    const { column, offset, message } = jsonFault(text, cause);
    const rest = text.slice(offset).trimStart();
    if (rest === '') this.fail(`the line ends inside a value: ${ONE_VALUE}`, offset, cause);
    const place = `column ${column}: ${message}`;
    if (/^(NaN|Infinity)/.test(rest)) this.fail(`${place}: ${NO_NUMBER}`, offset, cause);
    const isPart = message.startsWith('expected the end') || /^[\]}]/.test(text.trimStart());
    this.fail(isPart ? `${place}: ${ONE_VALUE}` : `${place}; the line is ${quote(text)}`, offset, cause);
  }
}

/** Converts the numbers that `JSON.parse` rounds or rejects to marked strings. The text need not be JSON. */
function markNumbers(text: string): string {
  mark ??= nodeCrypto().randomUUID();
  const markedText = `"${mark}$&"`;
  let marked = '';
  let at = 0;
  while (at < text.length) {
    const found = text.indexOf('"', at);
    const start = found < 0 ? text.length : found;
    marked += text.slice(at, start).replace(NUMBERS, markedText);
    // `endOfString` returns 0 if the closing quote is missing.
    at = endOfString(text, start) || text.length;
    marked += text.slice(start, at);
  }
  return marked;
}

export function markedNumber(value: unknown): string | undefined {
  return typeof value === 'string' && mark !== undefined && value.startsWith(mark)
    ? value.slice(mark.length)
    : undefined;
}
