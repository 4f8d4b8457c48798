import type { Observable } from 'rxjs';
import { batch } from '../../../operators/batch.js';
import { decodeJson } from '../../../operators/decodeJson.js';
import { decodeTable } from '../../../operators/decodeTable.js';
import { parseExample } from '../../../operators/parseExample.js';
import type { NDArray } from '../../arrays/ndarray.js';
import { ConfigError } from '../../base/errors.js';
import type { Feature, Features } from '../../formats/example/features.js';
import type { TableColumns } from '../../formats/table/tableOptions.js';
import { recordsFromFiles } from '../../pipeline/records/recordsFromFiles.js';
import { storeOfInput } from '../commandStores.js';
import { surveyFiles } from '../inspect/inspectInputs.js';
import type { Survey } from '../inspect/survey.js';

/** The values of one record, or of a batch of records. */
export type Columns = Readonly<Record<string, NDArray>>;

export interface InitData {
  readonly pattern: string;
  readonly paths: readonly string[];
  readonly records: number;
  readonly kind: 'table' | 'json' | 'example';
  /** `column`, `field` or `feature`. */
  readonly noun: string;
  readonly recordFormat: 'Table' | 'TextLine' | 'TFRecord' | 'RecordIO';
  /** The columns of `decodeTable`, or the features of the parser. */
  readonly features: Readonly<Record<string, Feature | TableColumns[string]>>;
  /** Options of `decodeTable`, such as `delimiter`. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly names: readonly string[];
  /** Reads all data in batches. */
  readonly columns$: Observable<Columns>;
}

const BATCH = 1000;

/**
 * Finds out how to read the data, as `millrace inspect` does.
 *
 * @throws ConfigError if the files are not tables, lines of JSON with objects, or Examples.
 */
export async function findData(pattern: string): Promise<InitData> {
  const [survey, other] = await surveyFiles([pattern]);
  if (!survey || survey.sizes.count === 0) throw fault(pattern, 'the files contain no records');
  if (other) throw fault(pattern, 'the files have different formats. Name files of one format');
  const found = described(pattern, survey);
  const store = await storeOfInput(pattern);
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

function described(pattern: string, { result, format, paths, sizes }: Survey): Omit<InitData, 'columns$'> {
  const { decoder, features, options = {}, header } = result ?? { decoder: null, features: null };
  const common = { pattern, paths, options };
  if (decoder === 'decodeTable') {
    const columns = withoutMissing(features as TableColumns);
    const names = Object.keys(columns);
    const records = sizes.count - (header ? paths.length : 0);
    return { ...common, kind: 'table', noun: 'column', recordFormat: 'Table', features: columns, names, records };
  }
  const records = sizes.count;
  if (decoder === 'decodeJson' && features !== null) {
    const { features: fields } = features as { readonly features: Features };
    const names = Object.keys(fields);
    return { ...common, kind: 'json', noun: 'field', recordFormat: 'TextLine', features: fields, names, records };
  }
  if (decoder === 'parseExample' && (format === 'TFRecord' || format === 'RecordIO')) {
    const fields = features as Features;
    const names = Object.keys(fields);
    return { ...common, kind: 'example', noun: 'feature', recordFormat: format, features: fields, names, records };
  }
  const name = result?.name ?? 'bytes';
  throw fault(
    pattern,
    `expected CSV with a header in its first line, lines of JSON objects, or tf.train.Examples, found ${format ?? 'no known format'} of ` +
      `${name}. millrace inspect shows how to read it`,
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

export function fault(pattern: string, message: string): ConfigError {
  return new ConfigError(`init: ${pattern}: ${message}`, { path: 'data' });
}
