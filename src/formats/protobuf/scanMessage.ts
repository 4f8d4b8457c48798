import type { NDArray } from '../../arrays/ndarray.js';
import type { Values } from './values.js';
import { MapEntry } from './mapEntry.js';
import { LENGTH_DELIMITED, WireReader } from './wireReader.js';

export type FoundPlace = 'context' | 'sequence' | 'example' | 'features' | 'label' | undefined;

export interface FoundType {
  readonly dtype: 'int64' | 'float32' | 'float64' | 'int32' | 'bytes';
  count(wire: WireReader, end: number): number;
  allocate(size: number): Values<FoundType['dtype']>;
}

export interface FoundList {
  readonly type: FoundType | undefined;
  readonly start: number;
  readonly end: number;
  readonly count: number;
}

export interface FoundTensor {
  readonly shape: readonly number[];
  readonly hasKeys: boolean;
  readonly canBeDense: boolean;
  readonly canBeSparse: boolean;
  readonly contentType: string | undefined;
}

export interface FoundFeature extends FoundList {
  readonly place: FoundPlace;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly steps?: readonly FoundList[];
  readonly tensor?: FoundTensor | undefined;
}

/**
 * Collects the features of one record at a time. Skips unknown fields. `unknownField` is the number of the first
 * unknown field: the record may be of a different type.
 */
export class MessageScan {
  readonly wire = new WireReader();
  features: FoundFeature[] = [];
  unknownField: number | undefined;
  readonly #entry = new MapEntry();

  open(record: Uint8Array, recordIndex: number): void {
    this.wire.open(record, recordIndex);
    this.features = [];
    this.unknownField = undefined;
  }

  /**
   * If the next field has the number `field` and is length-delimited, returns its end. Otherwise, skips it and returns
   * -1.
   */
  enter(field: number, end: number): number {
    const tag = this.wire.tag(end);
    if (tag === ((field << 3) | LENGTH_DELIMITED)) return this.wire.enter(end);
    this.skipUnknown(tag, end);
    return -1;
  }

  skipUnknown(tag: number, end: number): void {
    this.unknownField ??= tag >>> 3;
    this.wire.skip(tag, end);
  }

  /** Moves to the value of the map entry that ends at `end`. The next call overwrites the result. */
  readEntry(end: number): Readonly<MapEntry> {
    const entry = this.#entry;
    entry.read(this.wire, end);
    this.unknownField ??= entry.unknownField;
    this.wire.position = entry.valueStart;
    return entry;
  }
}

export function readFound(wire: WireReader, { type, start, end, count }: FoundList): NDArray['data'] {
  if (!type) return [];
  const values = type.allocate(count);
  wire.position = start;
  values.read(wire, end, 0);
  return values.data;
}
