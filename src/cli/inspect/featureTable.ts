import { isUtf8 } from 'node:buffer';
import { quoteWhole } from '../../base/showValue.js';
import { KeyTable } from '../../formats/protobuf/keyTable.js';
import { readFound, type FoundFeature, type FoundPlace } from '../../formats/protobuf/scanMessage.js';
import type { WireReader } from '../../formats/protobuf/wireReader.js';
import { SeenFeature } from './seenFeature.js';
import { firstRemarks } from './shares.js';
import { DataSketch, type SketchedRecords } from './sketch/dataSketch.js';
import type { SketchedValue } from './sketch/featureSketch.js';

/** The number of names is limited, because memory must not grow with the data. */
const MAX_NAMES = 10_000;
const MAX_NAME_BYTES = 1000;

/** The names in one place of a message. */
interface Names {
  /** Does not contain the latest names, because making the table takes as long as finding all names. */
  keys: KeyTable;
  readonly seen: Map<string, SeenFeature>;
  /** `seen` in the order of `keys`. */
  inOrder: readonly SeenFeature[];
  /** The number of times that `keys` lacked a name of `seen`. */
  misses: number;
}

export class FeatureTable {
  readonly #features: SeenFeature[] = [];
  readonly #tables = new Map<FoundPlace, Names>();
  #records = 0;
  /** The place of the first record, which lacks the features that only later records have. */
  #firstRecord: string | undefined;
  #omittedName: string | undefined;
  readonly #sketch = new DataSketch();

  get records(): number {
    return this.#records;
  }

  get features(): readonly SeenFeature[] {
    return this.#features;
  }

  /** `place` names the record in messages. */
  add(bytes: Uint8Array, found: readonly FoundFeature[], place: () => string): void {
    this.#firstRecord ??= place();
    for (const feature of found) {
      const seen = this.#find(bytes, feature);
      if (!seen) continue;
      seen.add(bytes, feature, place);
      seen.lastRecord = this.#records;
    }
    for (const seen of this.#features) {
      if (seen.lastRecord !== this.#records) seen.firstMissing ??= place();
    }
    this.#records++;
  }

  get remarks(): string[] {
    const ofFeatures = this.#features.flatMap((seen) => seen.remarks(this.#records));
    const remarks = firstRemarks(ofFeatures, 'features');
    if (this.#omittedName !== undefined) {
      const limits = `names after the first ${MAX_NAMES}, over ${MAX_NAME_BYTES} bytes, or not in UTF-8`;
      remarks.push(`${limits} are not shown: the first is ${quoteWhole(this.#omittedName)}`);
    }
    return remarks;
  }

  /** Adds the values of a record to the statistics. Call this after `add`. */
  sketch(wire: WireReader, found: readonly FoundFeature[]): void {
    this.#sketch.records++;
    for (const feature of found) {
      const seen = this.#find(wire.bytes, feature);
      if (!seen) continue;
      seen.sketch ??= this.#sketch.of(seen.label);
      seen.sketch?.add(valuesOf(wire, feature));
    }
  }

  sketched(): SketchedRecords {
    const features = this.#features.flatMap(({ place, name, dtype = 'mixed', sketch }) => {
      return sketch ? [{ name: place === undefined ? name : `${place}: ${name}`, type: dtype, sketch }] : [];
    });
    return { records: this.#sketch.records, features };
  }

  #find(bytes: Uint8Array, { place, keyStart, keyEnd }: FoundFeature): SeenFeature | undefined {
    let table = this.#tables.get(place);
    if (!table) this.#tables.set(place, (table = { keys: new KeyTable([]), seen: new Map(), inOrder: [], misses: 0 }));
    const number = table.keys.find(bytes, keyStart, keyEnd);
    if (number >= 0) return table.inOrder[number];
    const key = bytes.subarray(keyStart, keyEnd);
    const isOmitted = key.length > MAX_NAME_BYTES || !isUtf8(key);
    const name = Buffer.from(key.subarray(0, MAX_NAME_BYTES)).toString('utf8');
    const known = isOmitted ? undefined : table.seen.get(name);
    if (known) {
      if (++table.misses >= table.seen.size) updateKeys(table);
      return known;
    }
    if (isOmitted || this.#features.length === MAX_NAMES) {
      this.#omittedName ??= name.slice(0, 80);
      return undefined;
    }
    const seen = new SeenFeature(place, name);
    if (this.#records > 0) seen.firstMissing = this.#firstRecord;
    this.#features.push(seen);
    table.seen.set(name, seen);
    return seen;
  }
}

function updateKeys(table: Names): void {
  table.keys = new KeyTable([...table.seen.keys()]);
  table.inOrder = [...table.seen.values()];
  table.misses = 0;
}

/** The values of all steps follow each other. */
function valuesOf(wire: WireReader, feature: FoundFeature): ArrayLike<SketchedValue> {
  const { steps } = feature;
  return steps ? steps.flatMap((step) => Array.from<SketchedValue>(readFound(wire, step))) : readFound(wire, feature);
}
