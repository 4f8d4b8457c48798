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
  readonly record: number;
}

const NO_VALUES = { kind: 0, start: 0, end: 0 };

export interface SelectedSequence {
  readonly name: string;
  readonly key: number;
  /** True if each step must have values. */
  readonly isEachRequired: boolean;
  /** The remedy if the sequence is missing. `undefined` if the sequence may be missing. */
  readonly remedy: string | undefined;
}

/** Finds the sequences of records. After {@link select}, a row is a step of the selected sequence. */
export class StepIndex extends ExampleIndex {
  readonly #keys: KeyTable;
  readonly #entry = new MapEntry();
  #records: readonly Uint8Array[] = [];
  #firstRecordIndex = 0;
  /** The lists of each record. */
  #lists: (Span | undefined)[][] = [];
  #steps: Step[] = [];
  #areValuesRequired = false;
  /** For each record, the row of its first step, then the number of rows. */
  rowSplits = new Int32Array(0);

  constructor(names: readonly string[]) {
    super([], 'tf.train.SequenceExample');
    this.#keys = new KeyTable(names);
  }

  override get rows(): number {
    return this.#steps.length;
  }

  override build(records: readonly Uint8Array[], firstRecordIndex: number): void {
    const { wire } = this;
    this.#records = records;
    this.#firstRecordIndex = firstRecordIndex;
    wire.feature = undefined;
    this.#lists = records.map((record, at) => {
      const lists: (Span | undefined)[] = [];
      this.#open(at);
      forEachMessage(wire, FEATURE_LISTS, record.length, (listsEnd) => {
        forEachMessage(wire, LISTS_ENTRY, listsEnd, (entryEnd) => this.#readEntry(entryEnd, lists));
      });
      return lists;
    });
  }

  select({ name, key, isEachRequired, remedy }: SelectedSequence): void {
    const { wire } = this;
    const rowSplits = new Int32Array(this.#records.length + 1);
    this.#areValuesRequired = isEachRequired;
    this.#steps = [];
    for (const [record, lists] of this.#lists.entries()) {
      const list = lists[key];
      this.#open(record);
      if (!list && remedy !== undefined) this.#failMissing(name, remedy);
      const { start, end } = list ?? NO_VALUES;
      wire.feature = undefined;
      wire.position = start;
      forEachMessage(wire, LIST_FEATURE, end, (featureEnd) => {
        const step = readFeature(wire, featureEnd);
        // Not a spread: see `stackFor`.
        this.#steps.push({ kind: step.kind, start: step.start, end: step.end, record });
      });
      rowSplits[record + 1] = this.#steps.length;
    }
    this.rowSplits = rowSplits;
  }

  override seek({ name, type }: ValueSource, row: number): number {
    const { kind, start, end, record } = this.#steps[row] ?? { ...NO_VALUES, record: 0 };
    const { wire } = this;
    this.#open(record);
    wire.feature = name;
    wire.position = start;
    if (kind === type.listKind) return end;
    const [asked = '', held = 'no'] = [DTYPES.get(type.listKind), DTYPES.get(kind)];
    if (kind !== 0 || this.#areValuesRequired) {
      const step = row - (this.rowSplits[record] ?? 0);
      wire.fail('malformed', `expected ${asked} values in step ${step}, found ${held} values`);
    }
    return -1;
  }

  override clear(): void {
    super.clear();
    this.#records = [];
    this.#lists = [];
    this.#steps = [];
  }

  #open(record: number): void {
    this.wire.open(this.#records[record] ?? new Uint8Array(0), this.#firstRecordIndex + record);
  }

  #failMissing(name: string, remedy: string): never {
    const { wire } = this;
    wire.feature = name;
    return wire.fail('malformed', `the record ${missingSequenceText(wire, remedy)}`, 0);
  }

  #readEntry(end: number, lists: (Span | undefined)[]): void {
    this.#entry.read(this.wire, end);
    const { keyStart, keyEnd, valueStart, valueEnd } = this.#entry;
    const key = this.#keys.find(this.wire.bytes, keyStart, keyEnd);
    if (key >= 0) lists[key] = { start: valueStart, end: valueEnd };
  }
}

function readFeature(wire: WireReader, end: number): typeof NO_VALUES {
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
