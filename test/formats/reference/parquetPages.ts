/*
 * Pages of an uncompressed int32 column: a writer that chooses runs at random, and a simple reader. Both are independent
 * of the code under test.
 */
import { crc32 } from 'node:zlib';
import type { Draw } from '../../support/poisonedChunks.js';

/** A column with at most one list. */
export interface PageLevels {
  readonly maxDefinition: number;
  readonly maxRepetition: number;
}

/** Levels and values, without nulls. */
export interface PageContent {
  readonly definitions: readonly number[];
  readonly repetitions: readonly number[];
  readonly values: readonly number[];
}

/** An unsigned integer of Thrift. */
export const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value % 0x80) + 0x80, ...varint(Math.floor(value / 0x80))];
const zigzag = (value: number): number[] => varint(value < 0 ? -2 * value - 1 : 2 * value);
/** A field with an integer. `delta` is the difference to the number of the previous field. */
export const integer = (delta: number, value: number): number[] => [delta * 16 + 5, ...zigzag(value)];
const uint32 = (value: number): number[] => [...Buffer.from(Uint32Array.of(value).buffer)];

/** Writes runs of equal values, and runs of packed bits. */
export function hybrid(values: readonly number[], bitWidth: number, draw: Draw): number[] {
  const bytes: number[] = [];
  for (let at = 0; at < values.length;) {
    let equal = 1;
    while (at + equal < values.length && values[at + equal] === values[at]) equal++;
    if (equal > 2 && draw(3) > 0) {
      const value = Array.from({ length: Math.ceil(bitWidth / 8) }, (_, byte) => (values[at]! >> (8 * byte)) & 0xff);
      bytes.push(...varint(2 * equal), ...value);
      at += equal;
    } else {
      const groups = 1 + draw(3);
      const bits = values
        .slice(at, at + 8 * groups)
        .concat(Array<number>(8 * groups).fill(0))
        .slice(0, 8 * groups)
        .map((value) => value.toString(2).padStart(bitWidth, '0').split('').reverse().join(''))
        .join('');
      bytes.push(...varint(2 * groups + 1));
      for (let bit = 0; bit < bits.length; bit += 8)
        bytes.push(
          parseInt(
            bits
              .slice(bit, bit + 8)
              .split('')
              .reverse()
              .join(''),
            2,
          ),
        );
      at += 8 * groups;
    }
  }
  return bytes;
}

const widthOf = (max: number): number => max.toString(2).length;

/** Writes a page with its header. */
export function page(
  type: 'data' | 'dictionary' | 'v2',
  fields: readonly number[],
  body: readonly number[],
  hasChecksum = false,
): number[] {
  const checksum = hasChecksum ? integer(1, crc32(Uint8Array.from(body)) | 0) : [];
  const number = { data: 0, dictionary: 2, v2: 3 }[type];
  const struct = [(5 + number - (hasChecksum ? 4 : 3)) * 16 + 12, ...fields, 0];
  return [
    ...integer(1, number),
    ...integer(1, body.length),
    ...integer(1, body.length),
    ...checksum,
    ...struct,
    0,
    ...body,
  ];
}

/** Writes the content to pages of random sizes, kinds and encodings. */
export function writePages(
  { definitions, repetitions, values }: PageContent,
  levels: PageLevels,
  draw: Draw,
): Uint8Array {
  const { maxDefinition, maxRepetition } = levels;
  const count = maxDefinition === 0 ? values.length : definitions.length;
  const dictionary = draw(2) === 0 ? [...new Set(values)] : undefined;
  const bytes: number[] = [];
  if (dictionary)
    bytes.push(
      ...page(
        'dictionary',
        [...integer(1, dictionary.length), ...integer(1, 0)],
        dictionary.flatMap(uint32),
        draw(2) === 0,
      ),
    );
  let used = 0;
  for (let at = 0; at < count;) {
    const end = Math.min(count, at + 1 + draw(40));
    const [definition, repetition] = [definitions.slice(at, end), repetitions.slice(at, end)];
    const present = maxDefinition === 0 ? end - at : definition.filter((level) => level === maxDefinition).length;
    const own = values.slice(used, (used += present));
    const width = dictionary ? widthOf(dictionary.length) : 0;
    const isIndexed = dictionary && draw(4) > 0;
    const encoded = isIndexed
      ? [
          width,
          ...hybrid(
            own.map((value) => dictionary.indexOf(value)),
            width,
            draw,
          ),
        ]
      : own.flatMap(uint32);
    const runs = [maxRepetition, maxDefinition].map((max, index) =>
      max === 0 ? [] : hybrid(index === 0 ? repetition : definition, widthOf(max), draw),
    );
    const [repeated = [], defined = []] = runs;
    const encoding = isIndexed ? 8 : 0;
    if (draw(2) === 0) {
      const sized = runs.map((run, index) =>
        [maxRepetition, maxDefinition][index] === 0 ? [] : [...uint32(run.length), ...run],
      );
      const fields = [...integer(1, end - at), ...integer(1, encoding), ...integer(1, 3), ...integer(1, 3)];
      bytes.push(...page('data', fields, [...sized.flat(), ...encoded], draw(2) === 0));
    } else {
      const rows = maxRepetition === 0 ? end - at : repetition.filter((level) => level === 0).length;
      const counts = [
        ...integer(1, end - at),
        ...integer(1, end - at - present),
        ...integer(1, rows),
        ...integer(1, encoding),
      ];
      const fields = [
        ...counts,
        ...integer(1, defined.length),
        ...integer(1, repeated.length),
        ...(draw(2) === 0 ? [0x12] : []),
      ];
      bytes.push(...page('v2', fields, [...repeated, ...defined, ...encoded], draw(2) === 0));
    }
    at = end;
  }
  return Uint8Array.from(bytes);
}

/** Draws the levels and values of a column. */
export function drawContent({ maxDefinition, maxRepetition }: PageLevels, draw: Draw): PageContent {
  const count = draw(100);
  const likely = draw(4);
  const definitions =
    maxDefinition === 0
      ? []
      : Array.from({ length: count }, () => (draw(4) < likely ? maxDefinition : draw(maxDefinition + 1)));
  const repetitions = maxRepetition === 0 ? [] : Array.from({ length: count }, (_, at) => (at === 0 ? 0 : draw(2)));
  const present = maxDefinition === 0 ? count : definitions.filter((level) => level === maxDefinition).length;
  const distinct = 1 + draw(20);
  return { definitions, repetitions, values: Array.from({ length: present }, () => draw(distinct)) };
}

/** Thrown by {@link readPages} for pages with encodings that it does not know. */
export class UnknownEncoding extends Error {}

class Bits {
  readonly bytes: readonly number[];
  at = 0;

  constructor(bytes: readonly number[]) {
    this.bytes = bytes;
  }

  take(count: number): readonly number[] {
    const taken = this.bytes.slice(this.at, this.at + count);
    if (taken.length < count) throw new Error('truncated');
    this.at += count;
    return taken;
  }

  varint(): number {
    const bits: string[] = [];
    for (;;) {
      const [byte = 0] = this.take(1);
      bits.unshift((byte % 0x80).toString(2).padStart(7, '0'));
      if (byte < 0x80) return Number(BigInt(`0b${bits.join('')}`));
      if (bits.length === 10) throw new Error('too long');
    }
  }

  zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  uint32(): number {
    return Buffer.from(this.take(4)).readUInt32LE();
  }
}

type Struct = Map<number, number | Struct>;

function readStruct(input: Bits): Struct {
  const struct: Struct = new Map();
  for (let id = 0; ;) {
    const [head = 0] = input.take(1);
    const [delta, type] = [head >> 4, head % 16];
    if (type === 0) return struct;
    id = delta === 0 ? input.zigzag() : id + delta;
    struct.delete(id);
    if (type === 1 || type === 2) struct.set(id, type === 1 ? 1 : 0);
    else if (type === 3) struct.set(id, input.take(1)[0]!);
    else if (type >= 4 && type <= 6) struct.set(id, input.zigzag());
    else if (type === 8) {
      // The bytes may be missing: the reader fails when it reads the next field.
      const length = input.varint();
      input.at += length;
    } else if (type === 12) struct.set(id, readStruct(input));
    else throw new Error('type');
  }
}

function readHybrid(input: Bits, bitWidth: number, count: number): number[] {
  const values: number[] = [];
  if (bitWidth === 0) return Array<number>(count).fill(0);
  if (bitWidth > 24) throw new Error('width');
  while (values.length < count) {
    const header = input.varint();
    const left = count - values.length;
    if (header % 2 === 0) {
      const value = input.take(Math.ceil(bitWidth / 8)).reduceRight((sum, byte) => sum * 256 + byte, 0);
      values.push(...Array<number>(Math.min(left, header / 2)).fill(value));
    } else {
      const wanted = Math.min(left, (header - 1) * 4);
      const bytes = input.take(Math.ceil((wanted * bitWidth) / 8));
      const bits = bytes.map((byte) => byte.toString(2).padStart(8, '0').split('').reverse().join('')).join('');
      for (let index = 0; index < wanted; index++) {
        const packed = bits.slice(index * bitWidth, (index + 1) * bitWidth);
        values.push(parseInt(packed.split('').reverse().join(''), 2));
      }
    }
  }
  return values;
}

function numberOf(struct: Struct, id: number): number {
  const value = struct.get(id);
  if (typeof value !== 'number' || value < 0) throw new Error('field');
  return value;
}

/**
 * Reads the pages of an uncompressed column.
 *
 * @throws if the pages are damaged, or if an encoding is unknown to this reader.
 */
export function readPages(bytes: Uint8Array, { maxDefinition, maxRepetition }: PageLevels, count: number): PageContent {
  const input = new Bits([...bytes]);
  const [definitions, repetitions, values]: [number[], number[], number[]] = [[], [], []];
  let dictionary: readonly number[] = [];
  const plain = (body: Bits, length: number): number[] => Array.from({ length }, () => body.uint32() | 0);
  for (let done = 0; done < count;) {
    const header = readStruct(input);
    const [type, whole, size] = [1, 2, 3].map((id) => numberOf(header, id)) as [number, number, number];
    const fields = header.get(5 + type);
    if (type > 3 || typeof fields !== 'object') throw new Error('type');
    const body = input.take(size);
    const checksum = header.get(4);
    if (typeof checksum === 'number' && checksum >>> 0 !== crc32(Uint8Array.from(body))) throw new Error('crc');
    if (type === 1) continue;
    const length = numberOf(fields, 1);
    if (type === 2) {
      if (whole > 0 && size !== whole) throw new Error('size');
      dictionary = plain(new Bits(whole === 0 ? [] : body), length);
      continue;
    }
    done += length;
    if (done > count) throw new Error('count');
    const content = new Bits(type === 0 && whole === 0 ? [] : body);
    if (type === 0 && whole > 0 && size !== whole) throw new Error('size');
    const levels = (max: number, id: number): number[] => {
      if (max === 0) {
        if (type === 3) content.take(numberOf(fields, id));
        else numberOf(fields, id);
        return [];
      }
      if (type === 0 && numberOf(fields, id) !== 3) throw new Error('level encoding');
      const run = content.take(type === 0 ? content.uint32() : numberOf(fields, id));
      return readHybrid(new Bits(run), widthOf(max), length);
    };
    const repeated = levels(maxRepetition, type === 0 ? 4 : 6);
    const defined = levels(maxDefinition, type === 0 ? 3 : 5);
    definitions.push(...defined);
    repetitions.push(...repeated);
    const present = maxDefinition === 0 ? length : defined.filter((level) => level === maxDefinition).length;
    let rest = content.bytes.slice(content.at);
    if (type === 3) {
      if (present !== length - numberOf(fields, 2)) throw new Error('nulls');
      if (fields.get(7) !== 0) {
        if (whole - content.at === 0) rest = [];
        else if (rest.length !== whole - content.at) throw new Error('size');
      }
    }
    const encoding = numberOf(fields, type === 0 ? 2 : 4);
    if (present === 0) continue;
    if (encoding === 0) values.push(...plain(new Bits(rest), present));
    else if (encoding === 2 || encoding === 8) {
      for (const index of readHybrid(new Bits(rest.slice(1)), rest[0] ?? 0, present)) {
        const value = dictionary[index];
        if (value === undefined) throw new Error('index');
        values.push(value);
      }
    } else throw new UnknownEncoding();
  }
  return { definitions, repetitions, values };
}
