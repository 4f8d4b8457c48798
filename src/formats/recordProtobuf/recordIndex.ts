import { requireRecord } from '../../base/requireBytes.js';
import { quoteNames } from '../../base/showValue.js';
import { KeyTable } from '../protobuf/keyTable.js';
import { ENTRY_KEY, MapEntry } from '../protobuf/mapEntry.js';
import { messageKeys } from '../protobuf/messageKeys.js';
import { LENGTH_DELIMITED, WireReader } from '../protobuf/wireReader.js';
import { RECORD_MAPS, VALUE_FIELDS, type RecordMap } from './recordLayout.js';

interface TensorPlace {
  readonly field: number;
  readonly start: number;
  readonly end: number;
}

const MAP_FIELDS: readonly number[] = Object.values(RECORD_MAPS);
const TENSOR_FIELDS: readonly number[] = Object.values(VALUE_FIELDS);

class RecordWireReader extends WireReader {
  override readonly format = 'Record protobuf';
  override expected = "Record of SageMaker's RecordIO-protobuf";

  protected override subjectOf(feature: string): string {
    return feature;
  }
}

/** The positions of the requested tensors. If a name is repeated, its last tensor is used. */
export class RecordIndex {
  readonly wire: WireReader = new RecordWireReader();
  readonly #keys: Readonly<Record<RecordMap, KeyTable>>;
  readonly #entry = new MapEntry();
  #records: readonly Uint8Array[] = [];
  #firstRecordIndex = 0;
  #places: Readonly<Record<RecordMap, (TensorPlace | undefined)[]>>[] = [];

  constructor(names: Readonly<Record<RecordMap, readonly string[]>>) {
    this.#keys = { features: new KeyTable(names.features), label: new KeyTable(names.label) };
  }

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

  seek(map: RecordMap, key: number, row: number): TensorPlace | undefined {
    const place = this.#places[row]?.[map][key];
    this.#open(row);
    this.wire.position = place?.start ?? 0;
    return place;
  }

  failMissing(): never {
    const { wire } = this;
    const maps = Object.entries(RECORD_MAPS).map(([map, field]) => {
      const keys = messageKeys(wire.bytes, [field, ENTRY_KEY]);
      return keys.length > 0 ? [`${map} ${quoteNames(keys)}`] : [];
    });
    const found = maps.flat();
    const content =
      found.length > 0
        ? `lacks this tensor, and contains ${found.join(' and ')}`
        : `contains no tensors${wire.doubt()}`;
    return wire.fail('malformed', `the record ${content}`, 0);
  }

  #open(row: number): void {
    this.wire.open(this.#records[row] ?? new Uint8Array(0), this.#firstRecordIndex + row);
  }

  #readEntry(map: RecordMap, row: number, end: number): void {
    const { wire } = this;
    this.#entry.read(wire, end);
    const { keyStart, keyEnd, valueStart, valueEnd } = this.#entry;
    const key = this.#keys[map].find(wire.bytes, keyStart, keyEnd);
    const places = this.#places[row]?.[map];
    if (key < 0 || !places) return;
    places[key] = undefined;
    wire.position = valueStart;
    this.#forEachMessage(TENSOR_FIELDS, valueEnd, (field, tensorEnd) => {
      places[key] = { field, start: wire.position, end: tensorEnd };
      wire.position = tensorEnd;
    });
    wire.position = end;
  }

  #forEachMessage(fields: readonly number[], end: number, read: (field: number, end: number) => void): void {
    const { wire } = this;
    while (wire.position < end) {
      const tag = wire.tag(end);
      if ((tag & 7) === LENGTH_DELIMITED && fields.includes(tag >>> 3)) read(tag >>> 3, wire.enter(end));
      else wire.skip(tag, end);
    }
  }
}
