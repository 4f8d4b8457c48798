import { defer, type OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { MAX_ELEMENTS, type NDArray, type SparseArray } from '../src/arrays/ndarray.js';
import { parseOptions, requireOptions } from '../src/base/parseOptions.js';
import type { CsvLine } from '../src/formats/csv/csvParser.js';
import { LibsvmParser, type LibsvmDType } from '../src/formats/libsvm/libsvmParser.js';
import { badRecordFields, jsonBadRecordFields, type BadRecordOptions } from './shared/badRecords.js';
import { BLANK, parseRecords } from './shared/parseRecords.js';

/** Options of {@link decodeLibsvm}. */
export interface DecodeLibsvmOptions extends BadRecordOptions {
  /** The number of features: the last dimension of the dense shape. A larger index is a bad record. */
  readonly features: number;
  /**
   * True if the first feature has index 0, false if it has index 1. With `'auto'`, true if the first item with features
   * contains index 0 in a valid line. Default: false.
   */
  readonly zeroBased?: boolean | 'auto' | undefined;
  /** The dtype of labels and values. Default: `float32`. */
  readonly dtype?: LibsvmDType | undefined;
  /** If true, items contain the numbers after `qid:` as `qid`, and a line without `qid:` is bad. Default: false. */
  readonly queryId?: boolean | undefined;
}

const optionFields = lazy(() => ({
  features: z.int().positive().max(MAX_ELEMENTS).describe('The number of features.'),
  zeroBased: z
    .union([z.boolean(), z.literal('auto')])
    .default(false)
    .describe(
      'True if indices start at 0. "auto": true if the first item with features contains index 0. Default: false.',
    ),
  dtype: z.enum(['float32', 'float64']).default('float32').describe('The dtype of labels and values.'),
  queryId: z.boolean().default(false).describe('If true, items contain the numbers after "qid:". Default: false.'),
}));

export const decodeLibsvmSchema = lazy(() => z.strictObject({ ...optionFields(), ...jsonBadRecordFields() }));

const optionsSchema = lazy(() => z.strictObject({ ...optionFields(), ...badRecordFields() }));

type DTypeOf<O> = O extends { readonly dtype: infer D extends LibsvmDType } ? D : 'float32';

/** The result of {@link decodeLibsvm} for options of type `O`. */
export type ParsedLibsvm<O> = {
  label: NDArray<DTypeOf<O>>;
  features: SparseArray<DTypeOf<O>>;
} & (O extends { readonly queryId: true } ? { qid: NDArray<'int64'> } : unknown);

/**
 * Decodes lines in the format of LIBSVM and SVMlight, `<label> <index>:<value> …`, like scikit-learn's
 * `load_svmlight_file`.
 *
 * ```ts
 * import { recordsFromFiles, toDenseSparse } from 'millrace';
 * import { batch, decodeLibsvm } from 'millrace/operators';
 * import { map } from 'rxjs';
 *
 * const batches$ = recordsFromFiles('data/*.libsvm', { recordFormat: 'TextLine' }).pipe(
 *   batch(64),
 *   decodeLibsvm({ features: 123 }),
 *   map(({ label, features }) => ({ xs: toDenseSparse(features), ys: label })), // [64, 123] and [64]
 * );
 * ```
 *
 * A batch of n lines (strings or bytes) becomes a label of shape `[n]`, and sparse features of dense shape
 * `[n, features]`. For a single line, the shapes are `[]` and `[features]`. All data is copied.
 *
 * Blank lines are skipped, and so is text after `#`. Without `queryId`, a valid `qid:` is skipped. A number that dtype
 * float32 cannot represent becomes the nearest float32, or Infinity above 3.4e38: set `dtype: 'float64'`.
 *
 * A line is bad if a number is not valid, if the indices of features do not ascend, or if an index is too large. A bad
 * line causes a FormatError. If the line is a `Uint8Array` from a file or FIFO, the error names the file and the line
 * number. With `zeroBased: 'auto'`, if index 0 is first found in a later item, the Observable always fails with a
 * ConfigError.
 *
 * @see https://www.csie.ntu.edu.tw/~cjlin/libsvm/
 */
export function decodeLibsvm<const O extends DecodeLibsvmOptions>(
  options: O,
): OperatorFunction<CsvLine | readonly CsvLine[], ParsedLibsvm<O>> {
  requireOptions('decodeLibsvm', options, '{ features: 123 }');
  const { onBadRecord, maxBadRecords, ...parsed } = parseOptions('decodeLibsvm', optionsSchema(), options);
  const badRecords = { onBadRecord, maxBadRecords };
  const make = () => {
    const parser = new LibsvmParser(parsed);
    return parseRecords<CsvLine, ParsedLibsvm<O>>('decodeLibsvm', badRecords, {
      single: (line, index) => (parser.parse([line], index, true) as ParsedLibsvm<O> | undefined) ?? BLANK,
      batch: (lines, firstIndex) => (parser.parse(lines, firstIndex, false) as ParsedLibsvm<O> | undefined) ?? BLANK,
    });
  };
  if (parsed.zeroBased !== 'auto') return make();
  make(); // Throws an error at the call if the options are invalid.
  return (lines) => defer(() => lines.pipe(make()));
}
