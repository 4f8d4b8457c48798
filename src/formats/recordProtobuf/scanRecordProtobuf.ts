import { sizeOfShape } from '../../arrays/ndarray.js';
import { LENGTH_DELIMITED, type WireReader } from '../protobuf/wireReader.js';
import { RECORD_MAPS, TENSOR_KEYS, TENSOR_SHAPE, VALUE_FIELDS, type RecordDType } from './recordLayout.js';
import { MAX_RANK } from './tensorColumn.js';
import { readUint64s, TENSOR_VALUE_TYPES } from './tensorValues.js';
import type { FoundList, FoundTensor, MessageScan } from '../protobuf/scanMessage.js';

const TEXT_FIELDS: readonly number[] = [3, 4, 5];
const CONTENT_TYPE = (2 << 3) | LENGTH_DELIMITED;
const DTYPES = new Map(Object.entries(VALUE_FIELDS).map(([dtype, field]) => [field as number, dtype as RecordDType]));

/** @throws FormatError if the record is not a valid Record. */
export function scanRecordProtobuf(scan: MessageScan): void {
  const { wire } = scan;
  const end = wire.bytes.length;
  while (wire.position < end) {
    const tag = wire.tag(end);
    const field = tag >>> 3;
    const isMap = field === RECORD_MAPS.features || field === RECORD_MAPS.label;
    if ((tag & 7) !== LENGTH_DELIMITED || !(isMap || TEXT_FIELDS.includes(field))) {
      scan.skipUnknown(tag, end);
      continue;
    }
    const fieldEnd = wire.enter(end);
    if (isMap) scanEntry(scan, fieldEnd, field === RECORD_MAPS.features ? 'features' : 'label');
    wire.position = fieldEnd;
  }
}

function scanEntry(scan: MessageScan, end: number, place: 'features' | 'label'): void {
  const { wire } = scan;
  const { keyStart, keyEnd, valueEnd } = scan.readEntry(end);
  let found: FoundList & { readonly tensor?: FoundTensor } = { type: undefined, start: end, end, count: 0 };
  while (wire.position < valueEnd) {
    const tag = wire.tag(valueEnd);
    const dtype = (tag & 7) === LENGTH_DELIMITED ? DTYPES.get(tag >>> 3) : undefined;
    if (!dtype) {
      scan.skipUnknown(tag, valueEnd);
      continue;
    }
    const tensorEnd = wire.enter(valueEnd);
    found = scanTensor(wire, tensorEnd, dtype);
    wire.position = tensorEnd;
  }
  scan.features.push({ place, keyStart, keyEnd, ...found });
}

function scanTensor(wire: WireReader, end: number, dtype: RecordDType): FoundList & { readonly tensor: FoundTensor } {
  const start = wire.position;
  const type = TENSOR_VALUE_TYPES[dtype];
  const count = type.count(wire, end);
  const isBytes = dtype === 'bytes';
  const numbersOf = (field: number): number[] => {
    wire.position = start;
    return isBytes ? [] : readUint64s(wire, end, field);
  };
  const keys = numbersOf(TENSOR_KEYS);
  const written = numbersOf(TENSOR_SHAPE);
  const shape = written.length === 0 ? [count] : written;
  const size = sizeOfShape(shape);
  wire.position = start;
  const isInShape = written.length > 0 && written.length <= MAX_RANK && keys.every((key) => key < size);
  const tensor: FoundTensor = {
    shape,
    hasKeys: keys.length > 0,
    canBeDense: keys.length === 0 && count === size,
    canBeSparse: !isBytes && isInShape && keys.length === count,
    contentType: isBytes ? contentTypeOf(wire, end) : undefined,
  };
  return { type, start, end, count, tensor };
}

function contentTypeOf(wire: WireReader, end: number): string | undefined {
  let text: string | undefined;
  while (wire.position < end) {
    const tag = wire.tag(end);
    if (tag === CONTENT_TYPE) text = Buffer.from(wire.take(wire.enter(end))).toString('utf8');
    else wire.skip(tag, end);
  }
  return text;
}
