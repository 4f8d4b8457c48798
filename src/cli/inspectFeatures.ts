import type { FeatureDType, Features } from '../formats/features.js';
import type { RecordTensor } from '../formats/recordProtobufParser.js';
import type { FoundValues } from '../formats/scanMessage.js';
import { quoted } from './inspectValue.js';

/** How many names are kept, and how long they may be: memory must not grow with what records call their features. */
const MAX_NAMES = 1000;
const MAX_NAME_LENGTH = 1000;

interface Seen {
  readonly values: Pick<FoundValues, 'map' | 'name' | 'dtype' | 'count'>;
  records: number;
  isSparse: boolean;
  isEven: boolean;
  hasOtherDType: boolean;
}

/** Keeps what all records say of each feature. */
export class FeatureTable {
  readonly #seen = new Map<string, Seen>();
  #records = 0;
  #hasMore = false;

  /** Takes what the next record holds. */
  add(found: readonly FoundValues[]): void {
    this.#records++;
    for (const values of found) this.#addValues(values);
  }

  /** What could not be proposed, and why. */
  get remarks(): string[] {
    const mixed = [...this.#seen.values()].filter(({ hasOtherDType }) => hasOtherDType);
    const remarks = mixed.map(({ values }) => {
      return `${quoted(values.name)} is left out: it is not of one dtype in all records`;
    });
    if (this.#hasMore)
      remarks.push(`names beyond the first ${MAX_NAMES}, or over ${MAX_NAME_LENGTH} characters, are left out`);
    return remarks;
  }

  /** The `features` of `parseExample`. */
  exampleFeatures(): Features {
    return Object.fromEntries(
      this.#proposable().map(({ values: { name, count, dtype }, records, isEven }) => {
        const ofExample = dtype as FeatureDType;
        const isFixed = isEven && count > 0 && records === this.#records;
        const shape = count === 1 ? [] : [count];
        return [name, isFixed ? { kind: 'fixedLen', shape, dtype: ofExample } : { kind: 'varLen', dtype: ofExample }];
      }),
    );
  }

  /** The argument of `parseRecordProtobuf`. */
  recordTensors(): Readonly<Record<'features' | 'label', Record<string, RecordTensor>>> {
    const ofMap = (map: FoundValues['map']): Record<string, RecordTensor> => {
      const seen = this.#proposable().filter(({ values }) => values.map === map);
      return Object.fromEntries(
        seen.map(({ values, isSparse }) => {
          const dtype = values.dtype as RecordTensor['dtype'];
          return [values.name, isSparse ? { kind: 'sparse', dtype } : { dtype }];
        }),
      );
    };
    return { features: ofMap('features'), label: ofMap('label') };
  }

  #proposable(): Seen[] {
    return [...this.#seen.values()].filter(({ hasOtherDType }) => !hasOtherDType);
  }

  #addValues({ map, name, dtype, count, isSparse }: FoundValues): void {
    const key = `${map ?? ''} ${name}`;
    const seen = this.#seen.get(key);
    if (seen) {
      seen.records++;
      seen.isSparse ||= isSparse;
      seen.isEven &&= seen.values.count === count;
      seen.hasOtherDType ||= seen.values.dtype !== dtype;
    } else if (this.#seen.size === MAX_NAMES || name.length > MAX_NAME_LENGTH) this.#hasMore = true;
    else {
      const values = { ...(map && { map }), name, dtype, count };
      this.#seen.set(key, { values, records: 1, isSparse, isEven: true, hasOtherDType: false });
    }
  }
}
