import { requireRecord } from '../../base/requireBytes.js';
import { quoteNames } from '../../base/showValue.js';
import { KeyTable } from '../protobuf/keyTable.js';
import { messageKeys } from '../protobuf/messageKeys.js';
import { LENGTH_DELIMITED, WireReader } from '../protobuf/wireReader.js';
import { ENTRY_KEY, ENTRY_VALUE, RECORD_MAPS, VALUE_FIELDS, type RecordMap } from './recordLayout.js';

/** Where a tensor lies in its record, and in which field of its Value. */
interface TensorPlace {
  readonly field: number;
  readonly start: number;
  readonly end: number;
}

const MAP_FIELDS: readonly number[] = Object.values(RECORD_MAPS);
const ENTRY_FIELDS: readonly number[] = [ENTRY_KEY, ENTRY_VALUE];
const TENSOR_FIELDS: readonly number[] = Object.values(VALUE_FIELDS);

/** The wire reader of an Example, with errors that name a Record. */
class RecordWireReader extends WireReader {
  override readonly format = 'Record protobuf';
  override expected = "Record of SageMaker's RecordIO-protobuf";

  /** The text already names the map of the feature. */
  protected override subjectOf(feature: string): string {
    return feature;
  }
}

/** Where each tensor that is asked for lies in each record of a batch. Of several of a name, the last stands. */
export class RecordIndex {
  readonly wire: WireReader = new RecordWireReader();
  readonly #keys: Readonly<Record<RecordMap, KeyTable>>;
  #records: readonly Uint8Array[] = [];
  #firstRecordIndex = 0;
  /** For each record the places of its features and of its labels, by key. */
  #places: Readonly<Record<RecordMap, (TensorPlace | undefined)[]>>[] = [];

  constructor(names: Readonly<Record<RecordMap, readonly string[]>>) {
    this.#keys = { features: new KeyTable(names.features), label: new KeyTable(names.label) };
  }

  /** Finds the tensors in these records, in place of those before. */
  build(records: readonly Uint8Array[], firstRecordIndex: number): void {
    this.#records = records;
    this.#firstRecordIndex = firstRecordIndex;
    this.#places = [];
    this.wire.feature = undefined;
    for (const [row, record] of records.entries()) {
      requireRecord('parseRecordProtobuf', record, firstRecordIndex + row);
      this.#open(row);
      this.#places.push({ features: [], label: [] });
      this.#forEachMessage(MAP_FIELDS, record.length, (field, end) => {
        this.#readEntry(field === RECORD_MAPS.features ? 'features' : 'label', row, end);
      });
    }
  }

  /** Puts the wire reader at a tensor of a record and gives its place; `undefined` where the record lacks it. */
  seek(map: RecordMap, key: number, row: number): TensorPlace | undefined {
    const place = this.#places[row]?.[map][key];
    this.#open(row);
    this.wire.position = place?.start ?? 0;
    return place;
  }

  /** Throws the error that a record lacks a tensor. The message lists its tensors. */
  failMissing(): never {
    const { wire } = this;
    const maps = Object.entries(RECORD_MAPS).map(([map, field]) => {
      const keys = messageKeys(wire.bytes, [field, ENTRY_KEY]);
      return keys.length > 0 ? [`${map} ${quoteNames(keys)}`] : [];
    });
    const found = maps.flat();
    const has = found.length > 0 ? `, and has ${found.join(' and ')}` : `, and has no tensors${wire.doubt()}`;
    return wire.fail('malformed', `the record lacks it${has}`, 0);
  }

  #open(row: number): void {
    this.wire.open(this.#records[row] ?? new Uint8Array(0), this.#firstRecordIndex + row);
  }

  #readEntry(map: RecordMap, row: number, end: number): void {
    const { wire } = this;
    let key = -1;
    let place: TensorPlace | undefined;
    this.#forEachMessage(ENTRY_FIELDS, end, (field, fieldEnd) => {
      if (field === ENTRY_KEY) {
        key = this.#keys[map].find(wire.bytes, wire.position, fieldEnd);
        wire.position = fieldEnd;
        return;
      }
      this.#forEachMessage(TENSOR_FIELDS, fieldEnd, (tensorField, tensorEnd) => {
        place = { field: tensorField, start: wire.position, end: tensorEnd };
        wire.position = tensorEnd;
      });
    });
    const places = this.#places[row]?.[map];
    if (key >= 0 && places) places[key] = place;
  }

  /** Goes through the length-delimited fields of these numbers, to the end of each of which `read` goes. */
  #forEachMessage(fields: readonly number[], end: number, read: (field: number, end: number) => void): void {
    const { wire } = this;
    while (wire.position < end) {
      const tag = wire.tag(end);
      if ((tag & 7) === LENGTH_DELIMITED && fields.includes(tag >>> 3)) read(tag >>> 3, wire.enter(end));
      else wire.skip(tag, end);
    }
  }
}
