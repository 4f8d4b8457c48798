import type { Observable } from 'rxjs';
import { batch } from '../../../operators/batch.js';
import { decodeJson } from '../../../operators/decodeJson.js';
import { decodeTable } from '../../../operators/decodeTable.js';
import { parseExample } from '../../../operators/parseExample.js';
import type { NDArray } from '../../arrays/ndarray.js';
import { setProperty } from '../../base/setProperty.js';
import type { Feature, Features } from '../../formats/example/features.js';
import type { ParquetColumns } from '../../formats/parquet/parquetTypes.js';
import type { TableColumns } from '../../formats/table/tableOptions.js';
import { fromParquet } from '../../pipeline/parquet/fromParquet.js';
import { recordsFromFiles } from '../../pipeline/records/recordsFromFiles.js';
import { storeOfInput } from '../commandStores.js';
import { throwFailures, surveyFiles } from '../inspect/inspectInputs.js';
import { readableColumns } from '../inspect/parquetCode.js';
import { ParquetSurvey } from '../inspect/parquetSurvey.js';
import type { Survey } from '../inspect/survey.js';
import { fault } from './fault.js';
import { imagesOf, type ImageData } from './findImages.js';

/** The values of one record, or of a batch of records. */
export type Columns = Readonly<Record<string, NDArray>>;

export interface InitData {
  readonly pattern: string;
  readonly paths: readonly string[];
  readonly records: number;
  readonly kind: 'table' | 'parquet' | 'json' | 'example';
  /** `column`, `field` or `feature`. */
  readonly noun: string;
  readonly recordFormat: 'Table' | 'Parquet' | 'TextLine' | 'TFRecord' | 'RecordIO';
  /** The columns of `decodeTable` or `fromParquet`, or the features of the parser. */
  readonly features: Readonly<Record<string, Feature | TableColumns[string] | ParquetColumns[string]>>;
  /** Options of `decodeTable`, such as `delimiter`, or of `fromParquet`. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly names: readonly string[];
  /** Reads all data in batches. */
  readonly columns$: Observable<Columns>;
}

const BATCH = 1000;

/**
 * Finds out how to read the data, like `millrace inspect`.
 *
 * @throws ConfigError if the files are not tables, Parquet, lines of JSON with objects, Examples or image folders.
 */
export async function findData(
  pattern: string,
  flags: Parameters<typeof surveyFiles>[1],
): Promise<InitData | ImageData> {
  const { surveys, failures } = await surveyFiles([pattern], flags);
  const images = imagesOf(pattern, surveys, failures);
  if (images) return images;
  throwFailures(failures.slice(0, 1), { isOnly: true });
  const survey = onlySurvey(pattern, surveys);
  const store = await storeOfInput(pattern);
  if (survey instanceof ParquetSurvey) return ofParquet(pattern, survey, store);
  const found = described(pattern, survey);
  const { features, options, recordFormat } = found;
  const inputs = { ...(store && { store }) };
  if (recordFormat === 'Table') {
    const columns = features as TableColumns;
    const columns$ = recordsFromFiles(pattern, {
      ...inputs,
      recordFormat: decodeTable({ ...options, batchSize: BATCH, columns }),
    });
    return { ...found, columns$: columns$ };
  }
  const batches$ = recordsFromFiles(pattern, { ...inputs, recordFormat }).pipe(batch(BATCH));
  const parser = recordFormat === 'TextLine' ? decodeJson({ features: features as Features }) : undefined;
  const columns$ = parser ? batches$.pipe(parser) : batches$.pipe(parseExample(features as Features));
  return { ...found, columns$: columns$ as Observable<Columns> };
}

/** Lists are left out, because their rows have different lengths. */
function ofParquet(pattern: string, survey: ParquetSurvey, store: Awaited<ReturnType<typeof storeOfInput>>): InitData {
  const { records, paths } = survey;
  const columns = readableColumns(survey.columns).filter(
    ({ name, maxRepetition }) => maxRepetition === 0 && name !== '__proto__',
  );
  if (columns.length === 0) throw fault(pattern, 'the files have no columns of numbers or texts');
  const names = columns.map(({ name }) => name);
  const features: Record<string, ParquetColumns[string]> = {};
  for (const { name, dtype, nulls } of columns) {
    const fallback = dtype === 'bytes' ? '' : dtype === 'bool' ? false : 0;
    if (nulls !== 0) setProperty(features, name, { default: fallback });
  }
  const options = names.length < survey.columns.length ? { select: names } : {};
  const reading = { ...options, columns: features, batchSize: BATCH, ...(store && { store }) };
  const columns$ = fromParquet(pattern, reading) as Observable<Columns>;
  const kind = { kind: 'parquet', recordFormat: 'Parquet', noun: 'column' } as const;
  return { ...kind, pattern, paths, records, features, options, names, columns$ };
}

interface Described extends Omit<InitData, 'columns$'> {
  readonly kind: 'table' | 'json' | 'example';
  readonly recordFormat: 'Table' | 'TextLine' | 'TFRecord' | 'RecordIO';
}

function described(pattern: string, { result, format, paths, sizes }: Survey): Described {
  const { decoder, features, options = {} } = result ?? { decoder: null, features: null };
  const records = sizes.count;
  const common = { pattern, paths, options, records };
  if (decoder === 'decodeTable') {
    const columns = withoutMissing(features as TableColumns);
    const names = Object.keys(columns);
    return { ...common, kind: 'table', noun: 'column', recordFormat: 'Table', features: columns, names };
  }
  if (decoder === 'decodeJson' && features !== null) {
    const { features: fields } = features as { readonly features: Features };
    const names = Object.keys(fields);
    return { ...common, kind: 'json', noun: 'field', recordFormat: 'TextLine', features: fields, names };
  }
  if (decoder === 'parseExample' && (format === 'TFRecord' || format === 'RecordIO')) {
    const fields = features as Features;
    const names = Object.keys(fields);
    return { ...common, kind: 'example', noun: 'feature', recordFormat: format, features: fields, names };
  }
  const name = result?.name ?? 'bytes';
  const isHeader = format === 'TextLine' && records === paths.length;
  const hint = isHeader ? 'each file has only one line. If this line is a header, add lines with records' : '';
  throw fault(
    pattern,
    hint ||
      'expected CSV with a header in its first line, Parquet, lines of JSON objects, tf.train.Examples or folders of ' +
        `images, found ${format ?? 'no known format'} of ${name}. millrace inspect shows how to read it`,
  );
}

/** A network cannot train on NaN. */
function withoutMissing(columns: TableColumns): TableColumns {
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => {
      const isMissing = typeof column === 'object' && column.default === 'nan';
      return [name, isMissing ? { ...column, default: 0 } : column];
    }),
  );
}

/** Returns the survey of the format that most files have. Throws if some files differ. */
function onlySurvey(pattern: string, surveys: readonly (Survey | ParquetSurvey)[]): Survey | ParquetSurvey {
  const [most, other] = [...surveys].sort((one, another) => another.paths.length - one.paths.length);
  if (!most || (most instanceof ParquetSurvey ? most.records : most.sizes.count) === 0) {
    throw fault(pattern, 'the files contain no records');
  }
  if (!other) return most;
  const difference = `${other.paths[0]} has another format, extension or columns than ${most.paths[0]}`;
  throw fault(pattern, `${difference}. Name files of one format, as in 'data/*.csv', or move the other files`);
}
