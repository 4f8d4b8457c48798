import type { NDArray } from '../../arrays/ndarray.js';
import type { Values } from './values.js';
import { LENGTH_DELIMITED, WireReader } from './wireReader.js';

/** The map of a message that a feature is in; `undefined` if the message has one map only. */
export type FoundPlace = 'context' | 'sequence' | 'example' | 'features' | 'label' | undefined;

/** How the values of a list are counted and read. */
export interface FoundType {
  readonly dtype: 'int64' | 'float32' | 'float64' | 'int32' | 'bytes';
  count(wire: WireReader, end: number): number;
  allocate(size: number): Values<FoundType['dtype']>;
}

/** A list of values: its type (`undefined` if there is none), its bytes within the record, and how many values it has. */
export interface FoundList {
  readonly type: FoundType | undefined;
  readonly start: number;
  readonly end: number;
  readonly count: number;
}

/** The facts about a tensor of a Record that decide how it can be parsed. */
export interface FoundTensor {
  readonly shape: readonly number[];
  readonly hasKeys: boolean;
  readonly canBeDense: boolean;
  readonly canBeSparse: boolean;
  readonly contentType: string | undefined;
}

/** A feature that was found in a record: the bytes of its name, and its values. */
export interface FoundFeature extends FoundList {
  readonly place: FoundPlace;
  readonly keyStart: number;
  readonly keyEnd: number;
  /** The lists of a sequence, one for each step. */
  readonly steps?: readonly FoundList[];
  readonly tensor?: FoundTensor | undefined;
}

const ENTRY_KEY = 1;
const ENTRY_VALUE = 2;

/**
 * Collects the features of one record at a time, read as a message of some type. It skips fields that the type does not
 * have, as a parser does, and keeps the number of the first one as evidence against the type.
 */
export class MessageScan {
  readonly wire = new WireReader();
  features: FoundFeature[] = [];
  /** The number of a field that the message's type does not have. */
  unknownField: number | undefined;
  /** The ranges of the key and of the value in the map entry that was read last. */
  keyStart = 0;
  keyEnd = 0;
  valueStart = 0;
  valueEnd = 0;

  /** Begins with a record. */
  open(record: Uint8Array, recordIndex: number): void {
    this.wire.open(record, recordIndex);
    this.features = [];
    this.unknownField = undefined;
  }

  /** Enters the next field if it is `field` and length-delimited, and returns its end. Else skips it and returns -1. */
  enter(field: number, end: number): number {
    const tag = this.wire.tag(end);
    if (tag === ((field << 3) | LENGTH_DELIMITED)) return this.wire.enter(end);
    this.skipUnknown(tag, end);
    return -1;
  }

  /** Skips a field that the type does not have. */
  skipUnknown(tag: number, end: number): void {
    this.unknownField ??= tag >>> 3;
    this.wire.skip(tag, end);
  }

  /** Reads the entry of a map from the reader's position to `end`, and moves to its value. */
  readEntry(end: number): void {
    const { wire } = this;
    this.keyStart = this.keyEnd = 0;
    this.valueStart = this.valueEnd = end;
    while (wire.position < end) {
      const tag = wire.tag(end);
      const field = tag >>> 3;
      if ((tag & 7) !== LENGTH_DELIMITED || (field !== ENTRY_KEY && field !== ENTRY_VALUE)) {
        this.skipUnknown(tag, end);
        continue;
      }
      const fieldEnd = wire.enter(end);
      if (field === ENTRY_KEY) [this.keyStart, this.keyEnd] = [wire.position, fieldEnd];
      else [this.valueStart, this.valueEnd] = [wire.position, fieldEnd];
      wire.position = fieldEnd;
    }
    wire.position = this.valueStart;
  }
}

/** Reads a list's values: numbers are copied, bytes are views on the record. */
export function readFound(wire: WireReader, { type, start, end, count }: FoundList): NDArray['data'] {
  if (!type) return [];
  const values = type.allocate(count);
  wire.position = start;
  values.read(wire, end, 0);
  return values.data;
}
