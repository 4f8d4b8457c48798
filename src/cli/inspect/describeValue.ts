import { isUtf8 } from 'node:buffer';
import type { NDArray } from '../../arrays/ndarray.js';
import { quoteWhole } from '../../base/showValue.js';
import { imageSize } from '../../formats/imageSize.js';

const SHOWN_VALUES = 8;
const SHOWN_BYTES = 16;
const SHOWN_CHARACTERS = 80;
/** This number of digits distinguishes all float32 numbers. */
const FLOAT32_DIGITS = 9;
const TEXT_BYTES = 4 * SHOWN_CHARACTERS;

/** Control characters and invisible characters. */
const UNPRINTABLE = /[^\P{Cc}\t\n\r]|[\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;

/** Returns the size of an image, text in quotes, or other bytes as hexadecimal. */
export function describeBytes(bytes: Uint8Array): string {
  const image = imageSize(bytes);
  if (image) {
    const size = image.width === undefined ? 'with a truncated header' : `${image.width} x ${image.height ?? 0}`;
    return `${image.format} image, ${size}, ${bytes.length} bytes`;
  }
  const text = textOf(bytes);
  const ofAll = `… (${bytes.length} bytes)`;
  if (text !== undefined) {
    const characters = Array.from(text);
    const isCut = characters.length > SHOWN_CHARACTERS || bytes.length > TEXT_BYTES;
    return JSON.stringify(characters.slice(0, SHOWN_CHARACTERS).join('')) + (isCut ? ofAll : '');
  }
  const hex = Buffer.from(bytes.subarray(0, SHOWN_BYTES))
    .toString('hex')
    .replaceAll(/..(?=.)/g, '$& ');
  return `<${hex}>${bytes.length > SHOWN_BYTES ? ofAll : ''}`;
}

export function describeValues(data: NDArray['data']): string {
  const shown = Array.from({ length: Math.min(data.length, SHOWN_VALUES) }, (_, index): unknown => data[index]);
  const words = shown.map((value) => describeValue(value, data instanceof Float32Array));
  if (data.length === 1) return words.join();
  return `[${words.join(', ')}${data.length > SHOWN_VALUES ? `, … (${data.length} values)` : ''}]`;
}

/** Shows UTF-8 text in quotes, with escapes, and other bytes like {@link describeBytes}. */
export function describeLine(line: Uint8Array): string {
  if (!isUtf8(line)) return describeBytes(line);
  const characters = Array.from(Buffer.from(line.subarray(0, TEXT_BYTES)).toString('utf8'));
  const isCut = characters.length > SHOWN_CHARACTERS || line.length > TEXT_BYTES;
  return quoteWhole(characters.slice(0, SHOWN_CHARACTERS).join('')) + (isCut ? `… (${line.length} bytes)` : '');
}

/** Quotes a name with unusual characters. */
export function describeName(name: string): string {
  return /^[\w./-]{1,80}$/.test(name) ? name : describeBytes(Buffer.from(name));
}

function describeValue(value: unknown, isFloat32: boolean): string {
  if (value instanceof Uint8Array) return describeBytes(value);
  if (Object.is(value, -0)) return '-0';
  return isFloat32 ? shortestFloat32(value as number) : String(value);
}

/** Returns the shortest text that parses to this float32. */
export function shortestFloat32(value: number): string {
  for (let digits = 1; digits < FLOAT32_DIGITS; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(FLOAT32_DIGITS)));
}

function textOf(bytes: Uint8Array): string | undefined {
  const head = bytes.subarray(0, TEXT_BYTES);
  // The last character may be incomplete.
  for (let cut = 0; cut < 4; cut++) {
    const part = head.subarray(0, head.length - cut);
    if (!isUtf8(part)) {
      if (head.length === bytes.length) return undefined;
      continue;
    }
    const text = Buffer.from(part).toString('utf8');
    return UNPRINTABLE.test(text) ? undefined : text;
  }
  return undefined;
}
