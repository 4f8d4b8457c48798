import type { Observable, OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { badRecordFields, jsonBadRecordFields, type BadRecordOptions } from './shared/badRecords.js';
import { describeIssue } from '../src/base/describeIssue.js';
import { ConfigError } from '../src/base/errors.js';
import { formatPath } from '../src/base/formatPath.js';
import { requireOptions, parseOptions } from '../src/base/parseOptions.js';
import { zodSchema } from '../src/base/zodSchema.js';
import { BLANK, parseRecords } from './shared/parseRecords.js';
import type { Features } from '../src/formats/example/features.js';
import type { ParsedExample, ParsedSingleExample } from '../src/formats/example/parsedFeatures.js';
import { featureSchema } from '../src/formats/example/featureSchema.js';
import { JsonParser } from '../src/formats/json/jsonParser.js';
import { JsonRecord } from '../src/formats/json/jsonRecord.js';

/** One JSON value, as text or as UTF-8. */
export type JsonLine = string | Uint8Array;

/** Options of {@link decodeJson}. */
export interface DecodeJsonOptions extends BadRecordOptions {
  /** A schema of zod 4. A record that the schema rejects is bad. Items are the output of the schema. */
  readonly schema?: z.ZodType | undefined;
  /** The features to read from objects: `fixedLen`, `varLen` or `ragged`. Other keys are skipped. */
  readonly features?: Features | undefined;
}

export const decodeJsonSchema = lazy(() =>
  z.strictObject({
    features: z
      .record(z.string(), featureSchema())
      .optional()
      .describe('The features to read. Each key is the name of a feature. Default: items are the values of the lines.'),
    ...jsonBadRecordFields(),
  }),
);

const optionsSchema = lazy(() =>
  z.strictObject({
    schema: zodSchema().optional(),
    features: z.undefined(),
    ...badRecordFields(),
  }),
);

/**
 * Decodes JSON lines: each record is one JSON value, as text or as UTF-8.
 *
 * ```ts
 * import { recordsFromFiles } from 'millrace';
 * import { fixedLenFeature } from 'millrace/formats';
 * import { batch, decodeJson } from 'millrace/operators';
 *
 * const batches$ = recordsFromFiles('data/*.jsonl', { recordFormat: 'TextLine' }).pipe(
 *   batch(64),
 *   decodeJson({ features: { label: fixedLenFeature([], 'int64') } }),
 * ); // { label: NDArray<'int64'> of shape [64] }
 * ```
 *
 * Without `features`, each record is parsed by `JSON.parse`, which rounds integers above 2^53.
 *
 * With `features`, a batch of n records becomes arrays of shape `[n, …shape]`. A single record becomes arrays without
 * the batch axis. All data is copied.
 *
 * - A feature `a.b` is the value of the key `a.b` or, if there is no such key, of `b` in the object `a`.
 * - Nested arrays must have the declared shape.
 * - A feature that is missing or null has its default value, as in `parseExample`.
 * - For int64, integers are exact, true is 1, and false is 0. For float32, Python's `NaN`, `Infinity` and `-Infinity`
 *   are also valid. For bytes, strings are encoded as UTF-8.
 *
 * Blank lines, and a byte order mark at the start of a line, are skipped.
 *
 * A record is bad if it is not JSON or not UTF-8, or if a value does not match `schema` or `features`. A bad record
 * causes a FormatError that names the value. If the record is a `Uint8Array` from a file or FIFO, the error also names
 * the file and the line number.
 *
 * @see https://jsonlines.org
 */
export function decodeJson<const F extends Features>(
  options: DecodeJsonOptions & { readonly features: F; readonly schema?: undefined },
): <L extends JsonLine | readonly JsonLine[]>(
  lines: Observable<L>,
) => Observable<L extends readonly JsonLine[] ? ParsedExample<F> : ParsedSingleExample<F>>;
export function decodeJson<S extends z.ZodType>(
  options: DecodeJsonOptions & { readonly schema: S; readonly features?: undefined },
): OperatorFunction<JsonLine, z.output<S>>;
export function decodeJson(options?: DecodeJsonOptions): OperatorFunction<JsonLine, unknown>;
export function decodeJson(options: DecodeJsonOptions = {}): OperatorFunction<JsonLine | readonly JsonLine[], unknown> {
  requireOptions('decodeJson', options, '{ features: { label: … } }');
  const { features } = options;
  // The parser validates the features.
  const { schema, ...badRecords } = parseOptions('decodeJson', optionsSchema(), { ...options, features: undefined });
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

const SHOWN_ISSUES = 3;

function fitToSchema(record: JsonRecord, schema: z.ZodType): unknown {
  const value = record.parse();
  let result: z.ZodSafeParseResult<unknown>;
  try {
    result = schema.safeParse(value, { reportInput: true });
  } catch (cause) {
    // A recursive schema can exhaust the stack.
    if (cause instanceof RangeError) record.fail('the value is nested too deeply for the schema', 0, cause);
    throw cause;
  }
  if (result.success) return result.data;
  const issues = result.error.issues.flatMap((issue) => describeIssue(issue, { subject: 'decodeJson' }));
  const texts = issues.map(({ path, message }) => (path.length === 0 ? message : `${formatPath(path)}: ${message}`));
  return record.fail(texts.slice(0, SHOWN_ISSUES).join('; '));
}
