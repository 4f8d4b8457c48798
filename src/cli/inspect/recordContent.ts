import { FormatError } from '../../base/errors.js';
import { readFound, type FoundFeature, type MessageScan } from '../../formats/protobuf/scanMessage.js';
import { recordPlace, type Content, type ContentResult, type RecordPosition } from './content.js';
import { describeBytes, describeName, describeValues } from './describeValue.js';
import { DataSketch, type SketchedRecords } from './sketch/dataSketch.js';
import { EXAMPLE, MESSAGE_TYPES, MessageFit, SEQUENCE_EXAMPLE } from './messageFit.js';
import { countOf, grouped } from '../../base/grouped.js';
import { NINE_OF_TEN, shareOf } from './shares.js';
import { ValueCounts } from './valueCounts.js';

const SAMPLE_RECORDS = 100;
const SHOWN_FEATURES = 50;
/** If at least this share of the messages have no features, the records are not Examples. */
const FEATURELESS_SHARE = 0.1;

export interface Sketch {
  readonly name: string;
  readonly features: ReadonlySet<string>;
}

/** True if the records of two files have one type and a common feature. */
export function areAlike(one: Sketch, other: Sketch): boolean {
  if (one.name !== other.name) return false;
  if (one.features.size === 0 || other.features.size === 0) return true;
  return [...one.features].some((feature) => other.features.has(feature));
}

/**
 * Finds the message type of records. The type must fit more than half of the first hundred records, and at least one of
 * these records must have a feature with a name and a kind. Otherwise, the records are bytes.
 */
export class RecordContent implements Content {
  #fits: readonly MessageFit[] = MESSAGE_TYPES.map((type) => new MessageFit(type));
  #records = 0;
  #notEmpty = 0;
  readonly #sizes = new ValueCounts<number>();
  /** The statistics of the records as bytes. */
  readonly #sketch = new DataSketch();

  add(record: Uint8Array, position: RecordPosition): () => string {
    if (this.#records === SAMPLE_RECORDS) this.#decide();
    this.#records++;
    if (record.length > 0) this.#notEmpty++;
    this.#sizes.add(record.length, () => recordPlace(position));
    for (const fit of this.#fits) fit.add(record, position);
    const mayBeBytes = this.#records <= SAMPLE_RECORDS || this.#fits.length === 0;
    if (position.isSketched && mayBeBytes) this.#sketch.addValue('record', record);
    return () => {
      const found = this.#best()?.scan(record, position.indexInFile);
      return !found || found instanceof FormatError ? ` ${describeBytes(record)}` : describeFound(found);
    };
  }

  get sketch(): Sketch {
    const best = this.#best();
    return { name: best?.type.name ?? 'bytes', features: new Set(best?.table.features.map(({ label }) => label)) };
  }

  result(): ContentResult {
    const best = this.#best();
    if (!best) {
      const remarks =
        this.#records > SAMPLE_RECORDS ? [] : this.#fits.filter(({ isPositive }) => isPositive).map(remarkOnFew);
      return {
        name: 'bytes',
        decoder: null,
        features: null,
        isBatchable: true,
        remarks: [...this.#oddSize(), ...remarks],
      };
    }
    const { type, table } = best;
    const { features, isBatchable, remarks } = type.propose(table);
    return {
      name: type.name,
      decoder: type.decoder,
      features,
      isBatchable,
      remarks: [...table.remarks, ...remarks, ...this.#misfits(best)],
      error: errorOf(best),
    };
  }

  sketched(): SketchedRecords {
    const best = this.#best();
    if (best) return best.table.sketched();
    return this.#sketch.sketched((name) => ({ name, type: 'bytes' }));
  }

  #decide(): void {
    if (this.#fits.length < 2) return;
    const best = this.#best();
    this.#fits = best ? [best] : [];
  }

  #best(): MessageFit | undefined {
    if (this.#records > SAMPLE_RECORDS) return this.#fits[0];
    const fitting = this.#fits.filter(({ isPositive, fits }) => {
      const empty = this.#records - this.#notEmpty;
      return isPositive && 2 * (fits - empty) > this.#notEmpty;
    });
    const most = Math.max(...fitting.map(({ fits }) => fits));
    const [best, second] = fitting.filter(({ fits }) => fits === most);
    const isFeatureless =
      best?.type === EXAMPLE && best.featureless >= FEATURELESS_SHARE * this.#notEmpty && best.featureless > 0;
    return isFeatureless && second?.type === SEQUENCE_EXAMPLE ? second : best;
  }

  /**
   * Describes unusual sizes of records that are bytes. Not used for messages, because the size of a message depends on
   * its values.
   */
  #oddSize(): string[] {
    const odd = this.#sizes.oddOne(NINE_OF_TEN);
    if (!odd) return [];
    return [
      `${shareOf(odd.count, odd.total)} records have ${grouped(odd.usual)} bytes; ${odd.place} has ${grouped(odd.odd)}`,
    ];
  }

  #misfits({ type, table, firstUnknown, firstBroken, broken }: MessageFit): string[] {
    const remarks: string[] = [];
    if (firstBroken) {
      const share = shareOf(this.#records - broken, this.#records);
      remarks.push(`${share} records are ${type.name}; ${recordPlace(firstBroken.position)} is not`);
    }
    if (type.decoder !== null && table.features.some(({ hasOddType }) => hasOddType)) {
      remarks.push(`${type.decoder} fails on such a record; { onBadRecord: 'skip' } skips these records`);
    }
    if (firstUnknown) {
      const { place, field } = firstUnknown;
      remarks.push(`${place} has a field ${field} that ${type.name} does not have: parsers skip this field`);
    }
    return remarks;
  }
}

function remarkOnFew({ type }: MessageFit): string {
  return `some records look like ${type.name}, but most do not`;
}

function errorOf({ type: { name }, firstBroken }: MessageFit): FormatError | undefined {
  if (!firstBroken) return undefined;
  const { position, error: cause } = firstBroken;
  const { indexInFile: recordIndex, path } = position;
  const { kind, byteOffset, reason } = cause;
  const message = `the record is not valid, although most records are: ${reason}; the byte offset counts from the start of the record`;
  return new FormatError(message, { kind, format: name, byteOffset, recordIndex, path, cause });
}

function describeFound({ wire, features }: MessageScan): string {
  const lines = features.slice(0, SHOWN_FEATURES).map((feature) => {
    const { place, keyStart, keyEnd } = feature;
    const name = describeName(Buffer.from(wire.bytes.subarray(keyStart, keyEnd)).toString('utf8'));
    const values = feature.steps ? describeSteps(feature) : describeList(feature);
    return `\n  ${place === undefined ? '' : `${place} `}${name}: ${values}`;
  });
  if (features.length > SHOWN_FEATURES) lines.push(`\n  … (${features.length} features)`);
  return lines.join('') || ' no feature';

  function describeList(feature: FoundFeature): string {
    const { type, tensor } = feature;
    if (!type) return 'no values';
    const values = describeValues(readFound(wire, feature));
    const isSparse = tensor !== undefined && (tensor.hasKeys || (tensor.canBeSparse && !tensor.canBeDense));
    const contentType = tensor?.contentType === undefined ? '' : `, content type ${describeName(tensor.contentType)}`;
    return `${isSparse ? 'sparse ' : ''}${type.dtype} ${values}${contentType}`;
  }

  function describeSteps({ type, steps = [] }: FoundFeature): string {
    const [first] = steps;
    const count = countOf(steps.length, 'step');
    if (!type || !first) return count;
    return `${count} of ${type.dtype}, the first ${describeValues(readFound(wire, first))}`;
  }
}
