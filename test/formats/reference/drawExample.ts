import type { Draw } from '../../support/poisonedChunks.js';
import { field, varint } from '../support/wire.js';

/** The names in random records. Some are special in JavaScript. */
export const NAMES = ['a', 'b', '', '__proto__', 'constructor', 'toString', '\u00e9'] as const;

export interface DrawExampleOptions {
  readonly draw: Draw;
  /** If true, some lengths are wrong. */
  readonly isDamaged: boolean;
}

const INTEGERS = [
  0n,
  1n,
  -1n,
  127n,
  128n,
  2n ** 24n,
  2n ** 24n + 1n,
  2n ** 31n - 1n,
  2n ** 31n,
  -(2n ** 31n),
  2n ** 63n - 1n,
];
const FLOATS = [0, -0, 1.5, NaN, Infinity, -Infinity, 1e-45, 3.4e38];
const WRONG_LENGTHS = [
  0n,
  1n,
  127n,
  128n,
  2n ** 29n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 53n,
  2n ** 62n,
  2n ** 64n - 1n,
];

/** Writes random messages in every legal way and, if requested, also illegal messages. */
export class ExampleWriter {
  readonly #draw: Draw;
  readonly #isDamaged: boolean;

  constructor({ draw, isDamaged }: DrawExampleOptions) {
    this.#draw = draw;
    this.#isDamaged = isDamaged;
  }

  /** An Example. Its features may be in several messages. */
  example(): Uint8Array {
    return Uint8Array.from(this.#message(this.#some(3, () => this.#message([this.#features()], 1))));
  }

  /** A SequenceExample. */
  sequenceExample(): Uint8Array {
    const context = this.#some(2, () => this.#message([this.#features()], 1));
    const lists = this.#some(2, () =>
      this.#message(
        this.#some(4, () => this.#entry(this.#featureList())),
        2,
      ),
    );
    return Uint8Array.from(this.#message([...context, ...lists]));
  }

  #features(): number[] {
    return this.#some(5, () => this.#entry(this.#feature())).flat();
  }

  #featureList(): number[] {
    return this.#message(this.#some(4, () => this.#message([this.#feature()], 1)));
  }

  #entry(value: number[]): number[] {
    const key = this.#message([[...Buffer.from(this.#oneOf(NAMES))]], 1);
    const parts = [key, this.#message([value], 2)];
    if (this.#draw(6) === 0) parts.reverse();
    if (this.#draw(30) === 0) parts.splice(this.#draw(2), 1);
    return this.#message(parts, 1);
  }

  #feature(): number[] {
    const lists = this.#draw(30) === 0 ? this.#draw(3) : 1;
    return this.#message(Array.from({ length: lists }, () => this.#list()));
  }

  #list(): number[] {
    switch (this.#draw(3)) {
      case 0:
        return this.#message(
          this.#some(4, () => this.#message([this.#some(6, () => this.#draw(256))], 1)),
          1,
        );
      case 1:
        return this.#numbers(2, 5, () => [...new Uint8Array(Float32Array.of(this.#oneOf(FLOATS)).buffer)]);
      default:
        return this.#numbers(3, 0, () => this.#varint(this.#oneOf(INTEGERS)));
    }
  }

  /** Numbers that are packed, unpacked, or both. */
  #numbers(list: number, wireType: number, number: () => number[]): number[] {
    const runs = this.#some(3, () => {
      const isPacked = this.#draw(3) > 0;
      if (isPacked) return this.#message([this.#some(4, number).flat()], 1);
      return this.#some(3, () => [(1 << 3) | wireType, ...number()]).flat();
    });
    return this.#message(runs, list);
  }

  /** Fields with unknown fields between them. With `number`, the message is itself a field. */
  #message(parts: readonly number[][], number?: number): number[] {
    const content = parts.flatMap((part) => (this.#draw(24) === 0 ? [...this.#unknown(3), ...part] : part));
    if (number === undefined) return content;
    if (!this.#isDamaged || this.#draw(40) > 0) return field(number, content);
    const near = BigInt(Math.max(0, content.length + this.#draw(5) - 2));
    const length = this.#draw(2) === 0 ? near : this.#oneOf(WRONG_LENGTHS);
    return [(number << 3) | 2, ...varint(length), ...content];
  }

  #unknown(depth: number): number[] {
    const number = 4 + this.#draw(12);
    switch (this.#draw(depth > 0 ? 5 : 4)) {
      case 0:
        return [number << 3, ...this.#varint(this.#oneOf(INTEGERS))].flatMap((byte, at) =>
          at === 0 ? varint(BigInt(byte)) : byte,
        );
      case 1:
        return [...varint(BigInt((number << 3) | 1)), 1, 2, 3, 4, 5, 6, 7, 8];
      case 2:
        return field(
          number,
          this.#some(5, () => this.#draw(256)),
        );
      case 3:
        return [...varint(BigInt((number << 3) | 5)), 1, 2, 3, 4];
      default:
        return [
          ...varint(BigInt((number << 3) | 3)),
          ...this.#some(2, () => this.#unknown(depth - 1)).flat(),
          ...varint(BigInt((number << 3) | 4)),
        ];
    }
  }

  /** A varint that is sometimes longer than necessary. */
  #varint(value: bigint): number[] {
    const bytes = varint(value);
    if (this.#draw(10) > 0 || bytes.length > 8) return bytes;
    return [...bytes.slice(0, -1), bytes.at(-1)! | 0x80, 0x80, 0];
  }

  #some<T>(below: number, make: () => T): T[] {
    return Array.from({ length: this.#draw(below) }, make);
  }

  #oneOf<T>(values: readonly T[]): T {
    return values[this.#draw(values.length)]!;
  }
}
