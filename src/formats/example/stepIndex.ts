import { ExampleIndex } from './exampleIndex.js';
import { forEachMessage } from '../protobuf/forEachMessage.js';
import { KeyTable } from '../protobuf/keyTable.js';
import { MapEntry } from '../protobuf/mapEntry.js';
import { missingSequenceText } from './missingText.js';
import { BYTES_LIST, FLOAT_LIST, INT64_LIST, type ValueSource } from '../protobuf/values.js';
import { LENGTH_DELIMITED, type WireReader } from '../protobuf/wireReader.js';

/*
 *   message SequenceExample { Features context = 1; FeatureLists feature_lists = 2; }
 *   message FeatureLists    { map<string, FeatureList> feature_list = 1; }     // an entry: key = 1, value = 2
 *   message FeatureList     { repeated Feature feature = 1; }
 *
 * `exampleIndex.ts` shows Features, and links the specification.
 */
const FEATURE_LISTS = 2;
const LISTS_ENTRY = 1;
const LIST_FEATURE = 1;

const DTYPES: ReadonlyMap<number, string> = new Map<number, string>([
  [BYTES_LIST, 'bytes'],
  [FLOAT_LIST, 'float32'],
  [INT64_LIST, 'int64'],
]);

interface Span {
  readonly start: number;
  readonly end: number;
}

interface Step extends Span {
  readonly kind: number;
}

const NO_VALUES: Step = { kind: 0, start: 0, end: 0 };

/** Finds the sequences of one record. After {@link select}, a row is a step of the selected sequence. */
export class StepIndex extends ExampleIndex {
  readonly #keys: KeyTable;
  readonly #entry = new MapEntry();
  #lists: (Span | undefined)[] = [];
  #steps: Step[] = [];
  #areValuesRequired = false;
  isPresent = false;

  constructor(names: readonly string[]) {
    super([], 'tf.train.SequenceExample');
    this.#keys = new KeyTable(names);
  }

  override get rows(): number {
    return this.#steps.length;
  }

  override build([record = new Uint8Array(0)]: readonly Uint8Array[], recordIndex: number): void {
    const { wire } = this;
    this.#lists = [];
    wire.feature = undefined;
    wire.open(record, recordIndex);
    forEachMessage(wire, FEATURE_LISTS, record.length, (listsEnd) => {
      forEachMessage(wire, LISTS_ENTRY, listsEnd, (entryEnd) => this.#readEntry(entryEnd));
    });
  }

  select(key: number, areValuesRequired: boolean): void {
    const { wire } = this;
    const list = this.#lists[key];
    const { start, end } = list ?? NO_VALUES;
    this.isPresent = list !== undefined;
    this.#areValuesRequired = areValuesRequired;
    this.#steps = [];
    wire.feature = undefined;
    wire.position = start;
    forEachMessage(wire, LIST_FEATURE, end, (featureEnd) => this.#steps.push(readFeature(wire, featureEnd)));
  }

  failMissingSequence(name: string, remedy: string): never {
    const { wire } = this;
    wire.feature = name;
    return wire.fail('malformed', `the record ${missingSequenceText(wire, remedy)}`, 0);
  }

  override seek({ name, type }: ValueSource, row: number): number {
    const { kind, start, end } = this.#steps[row] ?? NO_VALUES;
    const { wire } = this;
    wire.feature = name;
    wire.position = start;
    if (kind === type.listKind) return end;
    const [asked = '', held = 'no'] = [DTYPES.get(type.listKind), DTYPES.get(kind)];
    if (kind !== 0 || this.#areValuesRequired) {
      wire.fail('malformed', `expected ${asked} values in step ${row}, found ${held} values`);
    }
    return -1;
  }

  override clear(): void {
    super.clear();
    this.#lists = [];
    this.#steps = [];
  }

  #readEntry(end: number): void {
    this.#entry.read(this.wire, end);
    const { keyStart, keyEnd, valueStart, valueEnd } = this.#entry;
    const key = this.#keys.find(this.wire.bytes, keyStart, keyEnd);
    if (key >= 0) this.#lists[key] = { start: valueStart, end: valueEnd };
  }
}

function readFeature(wire: WireReader, end: number): Step {
  let step = NO_VALUES;
  while (wire.position < end) {
    const tag = wire.tag(end);
    const kind = tag >>> 3;
    if ((tag & 7) !== LENGTH_DELIMITED || !DTYPES.has(kind)) {
      wire.skip(tag, end);
      continue;
    }
    if (step !== NO_VALUES) wire.fail('malformed', 'expected one list of values in the feature, found several');
    const listEnd = wire.enter(end);
    step = { kind, start: wire.position, end: listEnd };
    wire.position = listEnd;
  }
  return step;
}
