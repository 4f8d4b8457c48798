import { headerOf } from './rowReader.js';
import { skipMark, splitRow, textOf, utf8Of, type RowRules } from './rowSplitter.js';
import { valueOfText } from './tableDType.js';
import type { CheckedTableOptions } from './tableOptions.js';

/** The texts of the non-empty fields of each column, with one character for each byte. */
export type TextsByColumn = ReadonlyMap<string, readonly string[]>;

interface HeadInput {
  readonly names: readonly string[];
  readonly options: CheckedTableOptions;
  readonly rules: RowRules;
}

/**
 * Returns the texts of the first rows, and the number of complete rows.
 *
 * @param bytes - the rows. They end with a newline.
 */
export function readHeadTexts(
  bytes: Uint8Array,
  wanted: number,
  { names, options, rules }: HeadInput,
): { readonly texts: TextsByColumn; readonly rows: number } {
  const { columnNames, naValues } = options;
  const texts = new Map<string, string[]>(names.map((name) => [name, []]));
  const hasHeaders = !columnNames && !areNumbers(names);
  let order = names;
  let at = 0;
  let rows = 0;
  for (; rows < wanted; rows++) {
    const row = at < bytes.length ? splitRow(bytes, skipMark(bytes, at), bytes.length, rules) : undefined;
    if (!row) break;
    at = row.next;
    const found = row.fields.map((field) => textOf(bytes, field));
    const header = hasHeaders ? headerOf(found, names) : undefined;
    if (header) order = header;
    for (const [index, text] of header ? [] : found.entries()) {
      if (text !== '' && !naValues.includes(utf8Of(text))) texts.get(order[index] ?? '')?.push(text);
    }
  }
  return { texts, rows };
}

/** If all names are numbers, a row with all names may be data. */
function areNumbers(names: readonly string[]): boolean {
  return names.every((name) => valueOfText('float64', name) !== undefined);
}
