import { markFreshArrays } from '../../arrays/freshMemory.js';
import { defineFormat, type FormatReader, type OnBadRecord } from '../framing/formatDefinition.js';
import { quote } from '../../base/showValue.js';
import { warn } from '../../base/warn.js';
import type { OnTextHeader, Table } from './rowReader.js';
import type { LabelledTable } from './tableTypes.js';
import { checkTableOptions } from './checkTableOptions.js';
import { tableOptionsSchema } from './tableOptions.js';
import type { KnownDTypes } from './tablePlan.js';
import { TableReader } from './tableReader.js';

export const tableFormat = defineFormat({
  name: 'Table',
  reference: 'https://www.rfc-editor.org/rfc/rfc4180',
  options: tableOptionsSchema,
  readers: (options) => {
    checkTableOptions(options);
    const { select, label } = options;
    const read = { ...options, select: select && label !== undefined ? [...new Set([...select, label])] : select };
    const known: KnownDTypes = new Map();
    let hasWarned = false;
    const onTextHeader: OnTextHeader = (names) => {
      if (!hasWarned) warnOfTextHeader(names);
      hasWarned = true;
    };
    return (onBadRecord?: OnBadRecord) => itemReader(new TableReader(read, known, onBadRecord, onTextHeader), label);
  },
  countFacts: ({ batchSize, columnNames, delimiter, quotes }) => ({ batchSize, columnNames, delimiter, quotes }),
  canSkip: true,
  isSeekable: false,
});

function itemReader(reader: TableReader, label: string | undefined): FormatReader<Table | LabelledTable> {
  const itemOf = (table: Table | undefined): Table | LabelledTable | undefined => {
    if (!table) return undefined;
    markFreshArrays(table);
    return label === undefined ? table : (splitLabel(table, label) as LabelledTable);
  };
  return {
    push: (chunk) => {
      reader.push(chunk);
    },
    read: () => itemOf(reader.read()),
    finish: () => {
      reader.finish();
    },
    end: () => itemOf(reader.end()),
    get keepsChunks() {
      return reader.keepsChunks;
    },
  };
}

function warnOfTextHeader(names: readonly string[]): void {
  const header = names.map((name) => quote(name)).join(', ');
  warn(
    'MILLRACE_REPEATED_HEADER',
    `decodeTable: skipped a row that is equal to the header (${header}), because it may be a repeated header. All columns are ` +
      'strings, so the row may also be data. Further equal rows are skipped without a warning. If these rows are data, remove the headers from the files, and set the option "columnNames".',
  );
}

/** Moves the label column from a table to `ys`. */
export function splitLabel<A>(table: Record<string, A>, label: string): { xs: Record<string, A>; ys: A } {
  const { [label]: ys, ...xs } = table;
  return { xs, ys: ys as A };
}
