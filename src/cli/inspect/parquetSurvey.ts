import { countOf, grouped } from '../../base/grouped.js';
import { quoteNames, quoteWhole } from '../../base/showValue.js';
import { placed } from '../../formats/parquet/parquetFault.js';
import { openRangeFile, readFooter } from '../../pipeline/parquet/parquetFile.js';
import { DEFAULT_READING } from '../../stores/storeBytes.js';
import type { FoundInput } from './findInputs.js';
import { parquetCode, parquetOptions, readableColumns, type ParquetColumnFacts } from './parquetCode.js';
import { sketchParquet, type SketchedRows } from './page/sketchParquet.js';
import { namesOf, type Inputs } from './reportSurvey.js';
import { DataSketch, type SketchedRecords } from './sketch/dataSketch.js';

/** Returns true if the file has the extension of a Parquet file. */
export function isParquet({ path }: FoundInput): boolean {
  return /\.(?:parquet|parq|pq)(?:\?…)?$/i.test(path);
}

/** Describes Parquet files with the same columns. Reads only their footers. */
export class ParquetSurvey {
  columns: readonly ParquetColumnFacts[];
  readonly paths: string[];
  records: number;
  readonly pageTitle = 'Parquet';
  readonly recordSizes = undefined;
  readonly #sketch = new DataSketch();
  #groups: number;
  #bytes: number;

  private constructor(path: string, facts: { columns: readonly ParquetColumnFacts[]; extent: readonly number[] }) {
    this.paths = [path];
    this.columns = facts.columns;
    [this.records = 0, this.#groups = 0, this.#bytes = 0] = facts.extent;
  }

  /** @throws ChannelError or FormatError (as a rejection) if the footer cannot be read. */
  static async of(file: FoundInput, signal: AbortSignal): Promise<ParquetSurvey> {
    const { path } = file;
    const source = await openRangeFile(file, DEFAULT_READING, signal);
    const { leaves, groups } = await placed({ path }, () => readFooter(source));
    const columns = leaves.map((leaf, index): ParquetColumnFacts => {
      const counts = groups.map((group) => group.columns[index]?.meta_data?.statistics?.null_count);
      const isKnown = leaf.maxDefinition === 0 || !counts.includes(undefined);
      return {
        ...leaf,
        nulls: isKnown ? counts.reduce((sum: number, count) => sum + Number(count ?? 0n), 0) : undefined,
      };
    });
    const records = groups.reduce((sum, { num_rows: rows }) => sum + Number(rows), 0);
    return new ParquetSurvey(path, { columns, extent: [records, groups.length, source.byteLength] });
  }

  /**
   * Adds the files of another survey. Returns false if the columns of the other files differ. The order does not
   * matter.
   */
  join(other: ParquetSurvey): boolean {
    const schemaOf = (survey: ParquetSurvey): string =>
      JSON.stringify(
        inOrder(survey.columns).map(({ name, typeName, maxRepetition }) => [name, typeName, maxRepetition]),
      );
    if (schemaOf(this) !== schemaOf(other)) return false;
    this.paths.push(...other.paths);
    this.records += other.records;
    this.#groups += other.#groups;
    this.#bytes += other.#bytes;
    const added = new Map(inOrder(this.columns).map((column, index) => [column, inOrder(other.columns)[index]]));
    this.columns = this.columns.map((column) => {
      const [nulls, more] = [column.nulls, added.get(column)?.nulls];
      return { ...column, nulls: nulls === undefined || more === undefined ? undefined : nulls + more };
    });
    return true;
  }

  /** Reads the rows of a file for the data page. */
  async sketchRows(file: FoundInput, rows: SketchedRows): Promise<void> {
    await sketchParquet(this.#sketch, file, rows);
  }

  sketched(): SketchedRecords {
    const types = new Map(this.columns.map((column) => [column.name, plainTypeOf(column)]));
    return this.#sketch.sketched((name) => ({ name, type: types.get(name) ?? '' }));
  }

  extent(): string {
    const files = this.paths.length > 1 ? ` of ${grouped(this.paths.length)} files` : '';
    const rows = `${countOf(this.records, 'row')} in ${countOf(this.#groups, 'row group')}`;
    return `${rows} in ${countOf(this.#bytes, 'byte')}${files}`;
  }

  get remarks(): readonly string[] {
    const readable = readableColumns(this.columns);
    const leftOut = this.columns.filter((column) => !readable.includes(column)).map(({ name }) => name);
    return leftOut.length > 0 ? [`fromParquet cannot read ${quoteNames([...new Set(leftOut)])}`] : [];
  }

  /** Empty if `fromParquet` can read no column. */
  proposal({ patterns, count }: Inputs): readonly string[] {
    const { paths } = this;
    const known = paths.length === count ? patterns : undefined;
    if (readableColumns(this.columns).length === 0) return [];
    return ['to read it:', '', ...parquetCode(this.columns, { paths, patterns: known })];
  }

  asText(inputs: Inputs): readonly string[] {
    return [
      'Parquet',
      this.extent(),
      ...(inputs.count > 1 ? [namesOf(this.paths)] : []),
      'columns:',
      ...this.columns.map((column) => `  ${quoteWhole(column.name)}: ${typeOf(column)}`),
      ...this.remarks,
      ...this.proposal(inputs),
    ];
  }

  /** The JSON begins with the same fields as for other formats. */
  asJson({ count }: Inputs): string {
    const [records, bytes, paths] = [this.records, this.#bytes, this.paths];
    return JSON.stringify({
      ...{ format: 'Parquet', content: null, compression: null, records, bytes, sizes: null },
      features: Object.fromEntries(this.columns.map((column) => [column.name, typeOf(column)])),
      decoder: 'fromParquet',
      options: parquetOptions(this.columns),
      rowGroups: this.#groups,
      files: paths.length > 1 ? paths.length : undefined,
      firstFiles: count > 1 ? paths.slice(0, 3) : undefined,
    });
  }
}

function inOrder(columns: readonly ParquetColumnFacts[]): readonly ParquetColumnFacts[] {
  return columns.toSorted((one, other) => (one.name < other.name ? -1 : Number(one.name > other.name)));
}

function plainTypeOf({ typeName, maxRepetition }: ParquetColumnFacts): string {
  return 'list of '.repeat(maxRepetition) + typeName;
}

function typeOf(column: ParquetColumnFacts): string {
  const { maxRepetition, nulls } = column;
  const type = plainTypeOf(column);
  if (nulls === undefined) return `${type}, may contain nulls`;
  return nulls === 0 || maxRepetition > 0 ? type : `${type}, ${countOf(nulls, 'null')}`;
}
