import { isUtf8 } from 'node:buffer';
import { KeyTable } from '../../formats/protobuf/keyTable.js';
import type { FoundFeature, FoundPlace, FoundTensor, FoundType } from '../../formats/protobuf/scanMessage.js';
import { quoteWhole } from '../../base/showValue.js';

/** Limits on the stored names, because memory must not grow with the data. */
const MAX_NAMES = 1000;
const MAX_NAME_BYTES = 1000;

/** The facts about one feature in all records. */
export interface SeenFeature {
  readonly place: FoundPlace;
  readonly name: string;
  /** The first dtype found; `undefined` before that. */
  dtype: FoundType['dtype'] | undefined;
  otherDType: FoundType['dtype'] | undefined;
  /** The number of records with a list of values under this name. */
  records: number;
  /** The number of values in a record, or in a step of a sequence. */
  count: number | undefined;
  isEven: boolean;
  hasValues: boolean;
  /** The facts about the tensor that are true for all records, with the shape of the first. */
  tensor: FoundTensor | undefined;
  hasEvenShape: boolean;
}

/** Collects the facts about each feature. */
export class FeatureTable {
  readonly #features: SeenFeature[] = [];
  readonly #tables = new Map<FoundPlace, { keys: KeyTable; readonly names: string[]; readonly seen: SeenFeature[] }>();
  #records = 0;
  #omittedName: string | undefined;

  /** The number of records added. */
  get records(): number {
    return this.#records;
  }

  get features(): readonly SeenFeature[] {
    return this.#features;
  }

  /** Adds the features of the next record. */
  add(bytes: Uint8Array, found: readonly FoundFeature[]): void {
    this.#records++;
    for (const feature of found) {
      const seen = this.#find(bytes, feature);
      if (seen) addFeature(seen, feature);
    }
  }

  /** Remarks on features that the proposals omit, and on features without a value. */
  get remarks(): string[] {
    const remarks = this.#features.flatMap(({ place, name, dtype, otherDType, hasValues }) => {
      const label = labelOf(place, name);
      if (otherDType)
        return [`${label} is left out, because its dtype differs between records: ${dtype} and ${otherDType}`];
      return hasValues ? [] : [`${label} has no value in any record`];
    });
    if (this.#omittedName !== undefined) {
      const limits = `names after the first ${MAX_NAMES}, over ${MAX_NAME_BYTES} bytes, or not in UTF-8`;
      remarks.push(`${limits} are left out: the first is ${quoteWhole(this.#omittedName)}`);
    }
    return remarks;
  }

  #find(bytes: Uint8Array, { place, keyStart, keyEnd }: FoundFeature): SeenFeature | undefined {
    let table = this.#tables.get(place);
    if (!table) this.#tables.set(place, (table = { keys: new KeyTable([]), names: [], seen: [] }));
    const number = table.keys.find(bytes, keyStart, keyEnd);
    if (number >= 0) return table.seen[number];
    const key = bytes.subarray(keyStart, keyEnd);
    if (this.#features.length === MAX_NAMES || key.length > MAX_NAME_BYTES || !isUtf8(key)) {
      this.#omittedName ??= Buffer.from(key.subarray(0, MAX_NAME_BYTES)).toString('utf8').slice(0, 80);
      return undefined;
    }
    const name = Buffer.from(key).toString('utf8');
    const seen = newFeature(place, name);
    this.#features.push(seen);
    table.names.push(name);
    table.seen.push(seen);
    table.keys = new KeyTable(table.names);
    return seen;
  }
}

/** Returns a feature's name as the notes of the report show it. */
export function labelOf(place: FoundPlace, name: string): string {
  return place === undefined ? quoteWhole(name) : `${place} ${quoteWhole(name)}`;
}

function newFeature(place: FoundPlace, name: string): SeenFeature {
  return {
    place,
    name,
    dtype: undefined,
    otherDType: undefined,
    records: 0,
    count: undefined,
    isEven: true,
    hasValues: false,
    tensor: undefined,
    hasEvenShape: true,
  };
}

function addFeature(seen: SeenFeature, { type, count, steps, tensor }: FoundFeature): void {
  if (steps) {
    seen.records++;
    for (const step of steps) addList(seen, step.type, step.count);
  } else {
    if (type) seen.records++;
    addList(seen, type, count);
  }
  if (tensor) addTensor(seen, tensor);
}

function addList(seen: SeenFeature, type: FoundType | undefined, count: number): void {
  seen.count ??= count;
  if (seen.count !== count || !type) seen.isEven = false;
  if (count > 0) seen.hasValues = true;
  if (!type) return;
  seen.dtype ??= type.dtype;
  if (seen.dtype !== type.dtype) seen.otherDType ??= type.dtype;
}

function addTensor(seen: SeenFeature, tensor: FoundTensor): void {
  if (!seen.tensor) {
    seen.tensor = tensor;
    return;
  }
  const { shape, hasKeys, canBeDense, canBeSparse, contentType } = seen.tensor;
  seen.hasEvenShape &&=
    shape.length === tensor.shape.length && shape.every((size, axis) => size === tensor.shape[axis]);
  seen.tensor = {
    shape,
    hasKeys: hasKeys || tensor.hasKeys,
    canBeDense: canBeDense && tensor.canBeDense,
    canBeSparse: canBeSparse && tensor.canBeSparse,
    contentType,
  };
}
