import { requireRecord } from '../../base/requireBytes.js';
import { ExampleLayout } from './exampleLayout.js';
import { KeyTable } from '../protobuf/keyTable.js';
import { MapEntry } from '../protobuf/mapEntry.js';
import { missingText, type ExampleMessage } from './missingText.js';
import { BYTES_LIST, FLOAT_LIST, INT64_LIST, type ListKind, type ValueSource } from '../protobuf/values.js';
import { LENGTH_DELIMITED, WireReader } from '../protobuf/wireReader.js';

/*
 *   message Example   { Features features = 1; }
 *   message Features  { map<string, Feature> feature = 1; }     // an entry: key = 1, value = 2
 *   message Feature   { oneof kind { BytesList bytes_list = 1; FloatList float_list = 2; Int64List int64_list = 3; } }
 *
 * https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/example/example.proto
 * https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/example/feature.proto
 */
const EXAMPLE_FEATURES = (1 << 3) | LENGTH_DELIMITED;
const FEATURES_ENTRY = (1 << 3) | LENGTH_DELIMITED;

const LIST_DTYPES: Readonly<Record<number, string>> = {
  [BYTES_LIST]: 'bytes',
  [FLOAT_LIST]: 'float32',
  [INT64_LIST]: 'int64',
};
const MISSING = 0;
const NO_RECORD = new Uint8Array(0);

/**
 * Finds all lists before the columns read values, because columns allocate memory by the sizes of the lists. Fields may
 * be in any order.
 */
export class ExampleIndex {
  readonly wire = new WireReader();
  readonly #keys: KeyTable;
  readonly #keyCount: number;
  #records: readonly Uint8Array[] = [];
  #firstRecordIndex = 0;
  readonly #entry = new MapEntry();
  readonly #layout = new ExampleLayout();
  /** The kind of the list for each record and key. `#bounds` contains the starts and ends of the lists. */
  #kinds = new Uint8Array(0);
  #bounds = new Int32Array(0);

  constructor(names: readonly string[], message: ExampleMessage = 'tf.train.Example') {
    this.#keys = new KeyTable(names);
    this.#keyCount = names.length;
    this.wire.expected = message;
  }

  get rows(): number {
    return this.#records.length;
  }

  build(records: readonly Uint8Array[], firstRecordIndex: number): void {
    const cells = records.length * this.#keyCount;
    if (this.#kinds.length < cells) {
      this.#kinds = new Uint8Array(cells);
      this.#bounds = new Int32Array(2 * cells);
    }
    this.#kinds.fill(MISSING, 0, cells);
    this.#records = records;
    this.#firstRecordIndex = firstRecordIndex;
    this.wire.feature = undefined;
    this.#layout.forget();
    for (let row = 0; row < records.length; row++) {
      requireRecord('parseExample', records[row], firstRecordIndex + row);
      this.#find(row);
    }
  }

  clear(): void {
    this.#records = [];
    this.#layout.forget();
    this.wire.open(NO_RECORD, 0);
  }

  /**
   * Moves to the start of a list. Returns the end of the list, or -1 if the record lacks the list.
   *
   * @throws FormatError if the kind of the list is not `type`.
   */
  seek({ name, key, type }: ValueSource, row: number): number {
    this.#open(row);
    this.wire.feature = name;
    const cell = row * this.#keyCount + key;
    const found = this.#kinds[cell] ?? MISSING;
    if (found === MISSING) return -1;
    this.wire.position = this.#bounds[2 * cell] ?? 0;
    if (found !== type.listKind) this.#failKind(type.listKind, found);
    return this.#bounds[2 * cell + 1] ?? 0;
  }

  failMissing(name: string, remedy: string): never {
    const { wire } = this;
    wire.feature = name;
    return wire.fail('malformed', `the record ${missingText(wire, name, remedy)}`, 0);
  }

  /** Copies the positions from an earlier record of the same layout, because scanning takes longer. */
  #find(row: number): void {
    const record = this.#open(row);
    if (this.#layout.isOf(record)) {
      const [from, to] = [this.#layout.row * this.#keyCount, row * this.#keyCount];
      for (let key = 0; key < this.#keyCount; key++) this.#kinds[to + key] = this.#kinds[from + key] as number;
      for (let bound = 0; bound < 2 * this.#keyCount; bound++) {
        this.#bounds[2 * to + bound] = this.#bounds[2 * from + bound] as number;
      }
    } else {
      this.#layout.begin(record, row);
      this.#readExample(record.length, row);
    }
  }

  #open(row: number): Uint8Array {
    const record = this.#records[row];
    if (record === undefined) throw new RangeError(`expected a record index below ${this.rows}, found ${row}`);
    this.wire.open(record, this.#firstRecordIndex + row);
    return record;
  }

  #failKind(expected: ListKind, found: number): never {
    const [asked, held] = [LIST_DTYPES[expected], LIST_DTYPES[found]];
    return this.wire.fail('malformed', `expected ${asked} values, found ${held} values: declare dtype '${held}'`);
  }

  #readExample(end: number, row: number): void {
    const { wire } = this;
    while (wire.position < end) {
      const tag = wire.tag(end);
      if (tag === EXAMPLE_FEATURES) this.#readFeatures(wire.enter(end), row);
      else wire.skip(tag, end);
    }
  }

  #readFeatures(end: number, row: number): void {
    const { wire } = this;
    while (wire.position < end) {
      const tag = wire.tag(end);
      if (tag === FEATURES_ENTRY) this.#readEntry(wire.enter(end), row);
      else wire.skip(tag, end);
    }
  }

  #readEntry(end: number, row: number): void {
    const { wire } = this;
    this.#entry.read(wire, end);
    const { keyStart, keyEnd, valueStart, valueEnd } = this.#entry;
    const key = this.#keys.find(wire.bytes, keyStart, keyEnd);
    if (key < 0) {
      this.#layout.allowAny(valueStart, valueEnd);
      return;
    }
    wire.position = valueStart;
    this.#readFeature(valueEnd, row * this.#keyCount + key);
    wire.position = end;
  }

  #readFeature(end: number, cell: number): void {
    const { wire } = this;
    let lists = 0;
    while (wire.position < end) {
      const tag = wire.tag(end);
      const field = tag >>> 3;
      if ((tag & 7) !== LENGTH_DELIMITED || field > INT64_LIST) {
        wire.skip(tag, end);
        continue;
      }
      if (++lists > 1) wire.fail('malformed', 'expected one list of values in the feature, found several');
      const listEnd = wire.enter(end);
      this.#kinds[cell] = field;
      this.#bounds[2 * cell] = wire.position;
      this.#bounds[2 * cell + 1] = listEnd;
      this.#layout.allowAny(wire.position, listEnd);
      wire.position = listEnd;
    }
  }
}
