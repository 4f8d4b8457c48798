import { quoteWhole } from '../../base/showValue.js';
import type {
  FoundFeature,
  FoundList,
  FoundPlace,
  FoundTensor,
  FoundType,
} from '../../formats/protobuf/scanMessage.js';
import { countOf } from '../../base/grouped.js';
import { isNearlyAll, MOSTLY, NINE_OF_TEN, shareOf } from './shares.js';
import type { FeatureSketch } from './sketch/featureSketch.js';
import { ValueCounts, type OddOne } from './valueCounts.js';

type FoundDType = FoundType['dtype'];

export function labelOf(place: FoundPlace, name: string): string {
  return place === undefined ? quoteWhole(name) : `${place} ${quoteWhole(name)}`;
}

export class SeenFeature {
  readonly place: FoundPlace;
  readonly name: string;
  /** The number of records that have a list of values under this name. */
  records = 0;
  /** The number of values in each record or step. */
  count: number | undefined;
  isEven = true;
  /** The facts that are true for all records, with the shape of the first record. */
  tensor: FoundTensor | undefined;
  /** The first record whose tensor has a different shape. */
  firstOtherShape: string | undefined;
  firstMissing: string | undefined;
  lastRecord = -1;
  sketch: FeatureSketch | undefined;
  #hasValues = false;
  readonly #dtypes = new ValueCounts<FoundDType>();
  readonly #counts = new ValueCounts<number>();
  /** The sizes of the values, if each list has one bytes value. */
  readonly #sizes = new ValueCounts<number>();

  constructor(place: FoundPlace, name: string) {
    this.place = place;
    this.name = name;
  }

  get label(): string {
    return labelOf(this.place, this.name);
  }

  /** The dtype in nearly all records. */
  get dtype(): FoundDType | undefined {
    const { usual, total } = this.#dtypes;
    return usual && isNearlyAll(usual.count, total) ? usual.value : undefined;
  }

  get hasOddType(): boolean {
    return this.dtype !== undefined && this.#dtypes.oddOne(0) !== undefined;
  }

  add(bytes: Uint8Array, { type, start, end, count, steps, tensor }: FoundFeature, place: () => string): void {
    if (steps) {
      this.records++;
      for (const step of steps) this.#addList(bytes, step, place);
    } else {
      if (type) this.records++;
      this.#addList(bytes, { type, start, end, count }, place);
    }
    if (tensor) this.#addTensor(tensor, place);
  }

  #addList(bytes: Uint8Array, { type, start, end, count }: FoundList, place: () => string): void {
    this.count ??= count;
    if (this.count !== count || !type) this.isEven = false;
    if (count > 0) this.#hasValues = true;
    this.#counts.add(count, place);
    if (!type) return;
    this.#dtypes.add(type.dtype, place);
    if (type.dtype === 'bytes' && count === 1) this.#sizes.add(sizeOfValue(bytes, start, end), place);
  }

  #addTensor(tensor: FoundTensor, place: () => string): void {
    if (!this.tensor) {
      this.tensor = tensor;
      return;
    }
    const { shape, hasKeys, canBeDense, canBeSparse, contentType } = this.tensor;
    const isAlike = shape.length === tensor.shape.length && shape.every((size, axis) => size === tensor.shape[axis]);
    if (!isAlike) this.firstOtherShape ??= place();
    this.tensor = {
      shape,
      hasKeys: hasKeys || tensor.hasKeys,
      canBeDense: canBeDense && tensor.canBeDense,
      canBeSparse: canBeSparse && tensor.canBeSparse,
      contentType,
    };
  }

  /** Describes records that differ from most records. */
  remarks(allRecords: number): string[] {
    if (!this.#hasValues) return [`${this.label} has no value in any record`];
    const lists = this.place === 'sequence' ? 'steps' : 'records';
    const remarks: string[] = [];
    const tell = (odd: OddOne<number | string> | undefined, say: (value: number | string) => string): void => {
      if (!odd) return;
      const share = `${shareOf(odd.count, odd.total)} ${lists} have ${say(odd.usual)}`;
      remarks.push(`${this.label}: ${share}; ${odd.place} has ${say(odd.odd)}`);
    };
    const mixed = this.#dtypes.oddOne(0);
    if (mixed && this.dtype === undefined) {
      const dtypes = `${mixed.usual} and ${mixed.odd} (${mixed.place})`;
      remarks.push(`the proposal does not contain ${this.label}, because its dtype differs between records: ${dtypes}`);
    } else tell(mixed, String);
    // The number of values of a sparse tensor is not fixed.
    if (!this.tensor?.hasKeys)
      tell(this.#counts.oddOne(MOSTLY), (count) => `${count} ${count === 1 ? 'value' : 'values'}`);
    tell(this.#sizes.oddOne(NINE_OF_TEN), (size) => `${size} bytes`);
    const missing = allRecords - this.records;
    if (this.firstMissing !== undefined && this.records > MOSTLY * allRecords) {
      remarks.push(`${this.label} is missing in ${countOf(missing, 'record')}, first in ${this.firstMissing}`);
    }
    return remarks;
  }
}

/** A list contains a tag, the size as a varint, and one value. */
function sizeOfValue(bytes: Uint8Array, start: number, end: number): number {
  let at = start + 1;
  while (at < end && (bytes[at] ?? 0) >= 0x80) at++;
  return end - at - 1;
}
