import { bytesType } from '../protobuf/bytesValues.js';
import { float32Type } from '../protobuf/floatValues.js';
import { int64Type } from '../protobuf/int64Values.js';
import { LENGTH_DELIMITED } from '../protobuf/wireReader.js';
import type { FoundList, FoundPlace, MessageScan } from '../protobuf/scanMessage.js';

/*
 * `exampleIndex.ts` and `stepIndex.ts` show Example and SequenceExample. TensorFlow Ranking adds:
 *
 *   message ExampleListWithContext { repeated Example examples = 1; Example context = 2; }
 *
 * https://github.com/tensorflow/serving/blob/master/tensorflow_serving/apis/input.proto
 */
const FIRST = 1;
const SECOND = 2;
const LIST_TYPES = [undefined, bytesType, float32Type, int64Type] as const;

/** @throws FormatError if the record is not a valid Example. */
export function scanExample(scan: MessageScan, end = scan.wire.bytes.length, place?: FoundPlace): void {
  while (scan.wire.position < end) {
    const featuresEnd = scan.enter(FIRST, end);
    if (featuresEnd >= 0) scanFeatures(scan, featuresEnd, place);
  }
}

export function scanSequenceExample(scan: MessageScan): void {
  const { wire } = scan;
  forEitherField(scan, (field, end) => {
    if (field === FIRST) scanFeatures(scan, end, 'context');
    else while (wire.position < end) scanSequence(scan, scan.enter(FIRST, end));
  });
}

export function scanExampleList(scan: MessageScan): void {
  forEitherField(scan, (field, end) => {
    scanExample(scan, end, field === FIRST ? 'example' : 'context');
  });
}

function forEitherField(scan: MessageScan, read: (field: number, end: number) => void): void {
  const { wire } = scan;
  const end = wire.bytes.length;
  while (wire.position < end) {
    const tag = wire.tag(end);
    const field = tag >>> 3;
    if ((tag & 7) === LENGTH_DELIMITED && (field === FIRST || field === SECOND)) read(field, wire.enter(end));
    else scan.skipUnknown(tag, end);
  }
}

function scanFeatures(scan: MessageScan, end: number, place: FoundPlace): void {
  const { wire } = scan;
  while (wire.position < end) {
    const entryEnd = scan.enter(FIRST, end);
    if (entryEnd < 0) continue;
    const { keyStart, keyEnd, valueEnd } = scan.readEntry(entryEnd);
    const { type, start, end: listEnd, count } = scanFeature(scan, valueEnd);
    scan.features.push({ place, keyStart, keyEnd, type, start, end: listEnd, count });
    wire.position = entryEnd;
  }
}

function scanSequence(scan: MessageScan, entryEnd: number): void {
  if (entryEnd < 0) return;
  const { wire } = scan;
  const { keyStart, keyEnd, valueEnd } = scan.readEntry(entryEnd);
  const steps: FoundList[] = [];
  while (wire.position < valueEnd) {
    const featureEnd = scan.enter(FIRST, valueEnd);
    if (featureEnd < 0) continue;
    steps.push(scanFeature(scan, featureEnd));
    wire.position = featureEnd;
  }
  const type = steps.find((step) => step.type)?.type;
  const count = steps.reduce((sum, step) => sum + step.count, 0);
  scan.features.push({ place: 'sequence', keyStart, keyEnd, type, start: valueEnd, end: valueEnd, count, steps });
  wire.position = entryEnd;
}

function scanFeature(scan: MessageScan, end: number): FoundList {
  const { wire } = scan;
  let found: FoundList = { type: undefined, start: end, end, count: 0 };
  while (wire.position < end) {
    const tag = wire.tag(end);
    const type = (tag & 7) === LENGTH_DELIMITED ? LIST_TYPES[tag >>> 3] : undefined;
    if (!type) {
      scan.skipUnknown(tag, end);
      continue;
    }
    if (found.type) wire.fail('malformed', 'expected one list of values in the feature, found several');
    const listEnd = wire.enter(end);
    const start = wire.position;
    found = { type, start, end: listEnd, count: type.count(wire, listEnd) };
  }
  return found;
}
