import type { Observable, OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { badRecordFields, jsonBadRecordFields, type BadRecordOptions } from './shared/badRecords.js';
import { ConfigError } from '../src/base/errors.js';
import { requireOptions, parseOptions } from '../src/base/parseOptions.js';
import { zodSchema } from '../src/base/zodSchema.js';
import { BLANK, parseRecords } from './shared/parseRecords.js';
import type { Features, ParsedExample, ParsedSingleExample } from '../src/formats/example/features.js';
import { featureSchema } from '../src/formats/example/featureSchema.js';
import { JsonParser } from '../src/formats/json/jsonParser.js';
import { JsonRecord, type JsonLine } from '../src/formats/json/jsonRecord.js';
import { fitToSchema } from '../src/formats/json/fitToSchema.js';

/** Options of {@link decodeJson}. */
export interface DecodeJsonOptions extends BadRecordOptions {
  /** A schema of zod 4. A value that does not fit is a bad record. Items are the output of the schema. */
  readonly schema?: z.ZodType | undefined;
  /**
   * The features to read from objects, by key, as in `parseExample`: `fixedLen`, `varLen`, `fixedLenSequence` and
   * `ragged`. Other keys are skipped.
   */
  readonly features?: Features | undefined;
}

/** The result of {@link decodeJson} with `features`. */
export type JsonFeaturesOperator<F extends Features> = <L extends JsonLine | readonly JsonLine[]>(
  lines: Observable<L>,
) => Observable<L extends readonly JsonLine[] ? ParsedExample<F> : ParsedSingleExample<F>>;

export const decodeJsonSchema = z.strictObject({
  features: z
    .record(z.string(), featureSchema)
    .optional()
    .describe('The features to read. Each key is the name of a feature. Default: items are the values of the lines.'),
  ...jsonBadRecordFields,
});

const optionsSchema = z.strictObject({
  schema: zodSchema.optional(),
  features: z.undefined(),
  ...badRecordFields,
});

/**
 * Decodes JSON Lines: records with one JSON value each, as text or as UTF-8.
 *
 * ```ts
 * import { recordsFromFiles } from 'millrace';
 * import { fixedLenFeature, varLenFeature } from 'millrace/formats';
 * import { batch, decodeJson } from 'millrace/operators';
 *
 * const features = { label: fixedLenFeature([], 'int64'), tokens: varLenFeature('int64') };
 * const batches$ = recordsFromFiles('data/*.jsonl', { recordFormat: 'TextLine' }).pipe(batch(64), decodeJson({ features }));
 * // label: NDArray<'int64'> of shape [64], tokens: SparseArray<'int64'>
 * ```
 *
 * Without options, emits the value of each record, as `JSON.parse` returns it. So integers above 2^53 are rounded. With
 * `schema`, emits the output of the schema.
 *
 * With `features`, a batch of n records becomes one array for each feature, of shape `[n, …shape]`. A single record
 * becomes arrays without the batch axis. All data is copied.
 *
 * - A feature `a.b` is the value of the key `a.b`. If there is no such key, it is the value of `b` in the object `a`.
 * - Nested arrays fill the shape in row-major order.
 * - A key that is missing, or whose value is null, has the default value, as in `parseExample`.
 * - int64: exact integers, 1 for true, and 0 for false. float32: the nearest number. `NaN`, `Infinity` and `-Infinity`,
 *   as Python writes them, are allowed. bytes: the UTF-8 of a string.
 *
 * Blank lines, and a byte order mark at the start of a line, are skipped. If a key is repeated, the last value is used.
 *
 * A record is bad if it is not JSON or not UTF-8, or if a value does not fit. The Observable then fails with a
 * FormatError that names the place in the value. If the record is a `Uint8Array` from a file or FIFO, the error also
 * names the file and the line number. Throws a ConfigError at the call if an option is invalid.
 *
 * @see https://jsonlines.org
 */
export function decodeJson<const F extends Features>(
  options: DecodeJsonOptions & { readonly features: F; readonly schema?: undefined },
): JsonFeaturesOperator<F>;
export function decodeJson<S extends z.ZodType>(
  options: DecodeJsonOptions & { readonly schema: S; readonly features?: undefined },
): OperatorFunction<JsonLine, z.output<S>>;
export function decodeJson(options?: DecodeJsonOptions): OperatorFunction<JsonLine, unknown>;
export function decodeJson(options: DecodeJsonOptions = {}): OperatorFunction<JsonLine | readonly JsonLine[], unknown> {
  requireOptions('decodeJson', options, '{ features: { label: … } }');
  const { features } = options;
  // The parser validates the features.
  const { schema, ...badRecords } = parseOptions('decodeJson', optionsSchema, { ...options, features: undefined });
  if (features === undefined) {
    return parseRecords('decodeJson', badRecords, {
      single: (line, index) => {
        const record = new JsonRecord(line, index);
        if (record.isBlank) return BLANK;
        return schema ? fitToSchema(record, schema) : record.parse();
      },
    });
  }
  if (schema) throw new ConfigError('decodeJson: expected schema or features, found both', { path: 'features' });
  const parser = new JsonParser(features);
  return parseRecords('decodeJson', badRecords, {
    single: (line, index) => parser.parse([line], index, true) ?? BLANK,
    batch: (lines, firstIndex) => parser.parse(lines, firstIndex, false) ?? BLANK,
  });
}
