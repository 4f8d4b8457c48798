import { isUtf8 } from 'node:buffer';
import { CSV_VALUE_READERS } from '../../../formats/csv/csvValue.js';
import { imageSize, type ImageSize } from '../../../formats/imageSize.js';
import { FrequentValues } from './frequentValues.js';
import { NumberSketch } from './numberSketch.js';
import { Reservoir } from './reservoir.js';

/** If a list is longer, only this many of its numbers, at equal distances, are ranked and counted. */
const RANKED_NUMBERS = 256;
/** The sizes of texts are limited, because memory must not depend on them. */
const MAX_COUNTED_BYTES = 256;
const MAX_TEXT_BYTES = 1024;

/** Control characters other than white space. */
// oxlint-disable-next-line no-control-regex
const BINARY = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/;

/** A decimal number. A text with leading zeros may be a code. */
const NUMBER = /^[-+]?(?!0\d)(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;

/** Spellings that the parsers of CSV may accept. */
const NOT_FINITE = /^\s*[-+]?(?:nan|inf)/i;

export type ValueKind = 'number' | 'text' | 'image' | 'bytes';

/** Values as decoders return them: 64-bit integers are bigints, and bytes may be text. */
export type SketchedValue = number | bigint | string | Uint8Array;

export interface SketchSizes {
  /** The number of values whose occurrences are counted. */
  readonly counted: number;
  /** The capacity of a {@link QuantileSketch}. */
  readonly ranked: number;
  readonly texts: number;
  readonly images: number;
}

/** Shared by the features of a data set. */
export interface ImageMemory {
  /** The free memory in bytes. Images that need more memory are not sampled. */
  left: number;
}

export interface SampledImage {
  readonly file: Uint8Array;
  readonly width: number | undefined;
  readonly height: number | undefined;
}

/** Summarizes one feature of many records. */
export class FeatureSketch {
  records = 0;
  readonly kinds: Record<ValueKind, number> = { number: 0, text: 0, image: 0, bytes: 0 };
  readonly numbers: NumberSketch;
  readonly frequent: FrequentValues<number | string>;
  /** The number of values that `frequent` counted. */
  counted = 0;
  /** The lengths of texts, images and other bytes. */
  readonly byteLengths: NumberSketch;
  /** The number of values in each record. */
  readonly valueCounts: NumberSketch;
  readonly texts: Reservoir<string>;
  readonly images: Reservoir<SampledImage>;
  readonly #imageMemory: ImageMemory;

  constructor({ counted, ranked, texts, images }: SketchSizes, imageMemory: ImageMemory) {
    this.#imageMemory = imageMemory;
    this.texts = new Reservoir(texts);
    this.images = new Reservoir(images);
    this.frequent = new FrequentValues(counted);
    this.numbers = new NumberSketch(ranked);
    this.byteLengths = new NumberSketch(ranked);
    this.valueCounts = new NumberSketch(ranked);
  }

  /** Adds the values of one record. Copies the values that it stores. */
  add(values: ArrayLike<SketchedValue>): void {
    const { length } = values;
    if (length === 0) return;
    const stride = Math.ceil(length / RANKED_NUMBERS);
    // The first position differs between records, so that all positions are ranked.
    const first = this.records % stride;
    this.records++;
    this.valueCounts.add(length);
    for (let at = 0; at < length; at++) this.#addValue(values[at] as SketchedValue, at % stride === first);
  }

  /** Adds a field of CSV. */
  addField(text: string): void {
    if (text === '') return;
    this.records++;
    const number = numberOf(text);
    if (number === undefined) {
      this.#addValue(text, true);
      return;
    }
    this.byteLengths.add(text.length);
    const isExact = Number.isFinite(number) && (Number.isSafeInteger(number) || !Number.isInteger(number));
    this.#addNumber(number, true, isExact ? number : text);
  }

  get values(): number {
    const { number, text, image, bytes } = this.kinds;
    return number + text + image + bytes;
  }

  #addValue(value: SketchedValue, isRanked: boolean): void {
    if (typeof value === 'number' || typeof value === 'bigint') {
      const number = Number(value);
      this.#addNumber(number, isRanked, Number.isSafeInteger(number) || value === number ? number : String(value));
    } else if (typeof value === 'string') {
      this.byteLengths.add(Buffer.byteLength(value));
      this.#addText(value);
    } else this.#addBytes(value);
  }

  /**
   * @param counted - a text for NaN and infinities, and for a large integer, because two large integers can be the same
   *   float64.
   */
  #addNumber(number: number, isRanked: boolean, counted: number | string): void {
    this.kinds.number++;
    this.numbers.add(number, isRanked);
    if (isRanked) this.#count(counted);
  }

  #addBytes(bytes: Uint8Array): void {
    this.byteLengths.add(bytes.length);
    const image = imageSize(bytes);
    if (image) {
      this.kinds.image++;
      this.#count(image.format);
      this.#sampleImage(bytes, image);
      return;
    }
    const head = bytes.subarray(0, MAX_TEXT_BYTES);
    const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('utf8');
    // The cut can be inside of a character.
    const isText = (isUtf8(head) || head.length < bytes.length) && !BINARY.test(text);
    if (isText) this.#addText(text, bytes.length);
    else this.kinds.bytes++;
  }

  #sampleImage(bytes: Uint8Array, { width, height }: ImageSize): void {
    const memory = this.#imageMemory;
    if (bytes.length > memory.left) return;
    const removed = this.images.add(() => {
      memory.left -= bytes.length;
      return { file: Uint8Array.from(bytes), width, height };
    });
    memory.left += removed?.file.length ?? 0;
  }

  #addText(text: string, byteLength = text.length): void {
    this.kinds.text++;
    if (byteLength <= MAX_COUNTED_BYTES) this.#count(text);
    this.texts.add(() => text.slice(0, MAX_TEXT_BYTES));
  }

  #count(value: number | string): void {
    this.counted++;
    this.frequent.add(value);
  }
}

/** The number that a CSV parser reads from a field. `undefined` for texts, which can be codes with leading zeros. */
function numberOf(text: string): number | undefined {
  if (NUMBER.test(text)) return Number(text);
  const value = NOT_FINITE.test(text) ? CSV_VALUE_READERS.float64(text, 'utf8') : undefined;
  return typeof value === 'number' ? value : undefined;
}
