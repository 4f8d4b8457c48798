import { markFreshArrays } from '../../arrays/freshMemory.js';
import { defineFormat, type FormatReader, type OnBadRecord } from '../framing/formatDefinition.js';
import type { Table } from './rowReader.js';
import type { LabelledTable } from './tableTypes.js';
import { tableOptionsSchema } from './tableOptions.js';
import type { KnownDTypes } from './tablePlan.js';
import { TableReader } from './tableReader.js';

export const tableFormat = defineFormat({
  name: 'Table',
  reference: 'https://www.rfc-editor.org/rfc/rfc4180',
  options: tableOptionsSchema,
  readers: ({ label, ...options }) => {
    const { select } = options;
    // A label outside `select` is read, too.
    const read = { ...options, select: select && label !== undefined ? [...new Set([...select, label])] : select };
    const known: KnownDTypes = new Map();
    return (onBadRecord?: OnBadRecord) => itemReader(new TableReader(read, known, onBadRecord), label);
  },
  canSkip: true,
  isSeekable: false,
});

function itemReader(reader: TableReader, label: string | undefined): FormatReader<Table | LabelledTable> {
  const itemOf = (table: Table | undefined): Table | LabelledTable | undefined => {
    if (!table) return undefined;
    markFreshArrays(table);
    return label === undefined ? table : splitLabel(table, label);
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
  };
}

function splitLabel(table: Table, label: string): LabelledTable {
  const { [label]: ys, ...xs } = table;
  return { xs, ys: ys as LabelledTable['ys'] };
}
