import { arrayText } from './columnText.js';
import { valueBytes } from './readCsvLine.js';
import type { TableDType } from '../../../src/formats/table/tableDType.js';

export interface TableColumnRule {
  readonly dtype: TableDType;
  readonly default?: number | string | boolean;
}

/** How a table is read. */
export interface TableRules {
  readonly batchSize: number;
  readonly columns: Readonly<Record<string, TableColumnRule>>;
  readonly columnNames?: readonly string[];
  readonly inferRows: number;
  readonly delimiter: string;
  readonly quotes: boolean;
  readonly naValues: readonly string[];
  readonly skipsBad: boolean;
}

/** The tables as texts that tell every bit, and whether an error follows them. */
export interface TableOutcome {
  readonly tables: readonly Readonly<Record<string, string>>[];
  readonly isWhole: boolean;
}

interface Row {
  readonly fields: readonly string[];
  /** The row without its line end. */
  readonly text: string;
  /** Whether each field has no quotes around it. */
  readonly arePlain: readonly boolean[];
  /** The index of the first field with text after its closing quote. */
  readonly brokenAt: number;
  readonly isBlank: boolean;
}

const CANDIDATES = ['int32', 'int64', 'float32', 'bool'] as const;
const utf8 = (text: string): string => Buffer.from(text, 'latin1').toString('utf8');

/** All rows of a text with a character for each byte, by one regular expression for a field. */
function rowsOf(
  text: string,
  { delimiter, quotes, columnNames }: TableRules,
): { readonly rows: Row[]; readonly isWhole: boolean } {
  const d = `\\x${delimiter.charCodeAt(0).toString(16).padStart(2, '0')}`;
  const plain = `(?:(?!\\r\\n)[^${d}\\n])*`;
  const field = new RegExp(`(${quotes ? `(?!")${plain}|"((?:[^"]|"")*)"(?!")(${plain})` : plain})(${d}|\\r?\\n)`, 'y');
  const rows: Row[] = [];
  while (field.lastIndex < text.length) {
    const fields: string[] = [];
    const arePlain: boolean[] = [];
    let brokenAt = Infinity;
    const mayBeMarked = columnNames !== undefined || rows.length > 0;
    if (mayBeMarked && text.startsWith('\u00ef\u00bb\u00bf', field.lastIndex)) field.lastIndex += 3;
    const start = field.lastIndex;
    for (let end = delimiter; end === delimiter;) {
      const found = field.exec(text);
      if (!found) return { rows, isWhole: false };
      const [, whole = '', quoted, rest = '', ending = ''] = quotes
        ? found
        : [...found.slice(0, 2), undefined, '', found[2]];
      fields.push(quoted === undefined || rest !== '' ? whole : quoted.replaceAll('""', '"'));
      arePlain.push(quoted === undefined || rest !== '');
      if (rest !== '') brokenAt = Math.min(brokenAt, fields.length - 1);
      end = ending;
    }
    const whole = text.slice(start, field.lastIndex);
    rows.push({ fields, arePlain, brokenAt, text: whole.replace(/\r?\n$/, ''), isBlank: /^\r?\n$/.test(whole) });
  }
  return { rows, isWhole: true };
}

function bytesOf(
  text: string,
  { dtype, default: standIn }: TableColumnRule,
  naValues: readonly string[],
): Uint8Array | undefined {
  const isMissing = text === '' || naValues.includes(utf8(text));
  if (dtype === 'bool') {
    const word = String(isMissing ? standIn : text)
      .trim()
      .toLowerCase();
    return ['true', '1'].includes(word)
      ? Uint8Array.of(1)
      : ['false', '0'].includes(word)
        ? Uint8Array.of(0)
        : undefined;
  }
  const value = standIn ?? (dtype === 'string' ? '' : undefined);
  const column = value === undefined || typeof value === 'boolean' ? { dtype } : { dtype, default: value };
  return valueBytes(isMissing ? '' : text, column, '')?.bytes;
}

function dtypeOf(texts: readonly string[]): TableDType {
  if (texts.length === 0) return 'string';
  return CANDIDATES.find((dtype) => texts.every((text) => bytesOf(text, { dtype }, []))) ?? 'string';
}

/** The names of a header in their order, if a row is one. */
function headerOf({ fields }: Row, names: readonly string[]): string[] | undefined {
  const found = fields.map(utf8);
  const sorted = (texts: readonly string[]): string => JSON.stringify([...texts].sort());
  return sorted(found) === sorted(names) && new Set(found).size === found.length ? found : undefined;
}

/** Reads a table from a whole file, a character for each byte. */
export function readTable(file: string, rules: TableRules): TableOutcome {
  const { columnNames, columns, batchSize, naValues } = rules;
  const lines = file.replace(/^\u00ef\u00bb\u00bf/, '').replace(/([^\n])$/, '$1\n');
  const text = lines.replace(/^(?:\r?\n)+/, '');
  const { rows, isWhole } = rowsOf(text, rules);
  const head = columnNames ?? rows[0]?.fields.map(utf8);
  if (!head || text === '') return { tables: [], isWhole: isWhole && text === '' };
  const hasReturns = !columnNames && rows[0]?.fields.some((name, at) => rows[0]?.arePlain[at] && name.includes('\r'));
  const isSound =
    !hasReturns && new Set(head).size === head.length && Object.keys(columns).every((name) => head.includes(name));
  if (!isSound) return { tables: [], isWhole: false };
  const body = columnNames ? rows : rows.slice(1);
  const rulesOf = inferred(body, head, rules);
  const tables: Record<string, string>[] = [];
  let held: ReadonlyMap<string, Uint8Array>[] = [];
  let order: readonly string[] = head;
  const flush = (): void => {
    const rows = held;
    tables.push(
      Object.fromEntries(
        head.map((name) => {
          const { dtype } = rulesOf.get(name)!;
          const kind = dtype === 'string' ? 'bytes' : dtype;
          return [
            name,
            arrayText(
              kind,
              [rows.length],
              rows.map((row) => row.get(name)!),
            ),
          ];
        }),
      ),
    );
    held = [];
  };
  for (const row of body) {
    if (row.isBlank) continue;
    const isText = head.every((name) => rulesOf.get(name)?.dtype === 'string');
    if (!columnNames && isText && row.text === rows[0]?.text) continue;
    const values = row.fields.map((field, index) =>
      bytesOf(field, rulesOf.get(order[index] ?? '') ?? { dtype: 'string' }, naValues),
    );
    const misfitAt = values.indexOf(undefined);
    const isBad = row.brokenAt < Infinity || row.fields.length !== head.length || misfitAt >= 0;
    const header = isBad && !columnNames ? headerOf(row, head) : undefined;
    if (header) {
      order = header;
      continue;
    }
    const name = order[misfitAt] ?? '';
    const isFirst = misfitAt >= 0 && misfitAt < Math.min(row.brokenAt, order.length);
    const isTooNarrow =
      isFirst && !(name in columns) && isWider(row.fields[misfitAt] ?? '', rulesOf.get(name)?.dtype, naValues);
    if (isBad && (isTooNarrow || !rules.skipsBad)) return { tables, isWhole: false };
    if (!isBad) held.push(new Map(order.map((name, index) => [name, values[index]!])));
    if (held.length === batchSize) flush();
  }
  if ((isWhole || rules.skipsBad) && held.length > 0) flush();
  return { tables, isWhole: isWhole || rules.skipsBad };
}

/** Whether a value of a column of integers is a number of a wider dtype. */
function isWider(text: string, dtype: TableDType | undefined, naValues: readonly string[]): boolean {
  if (dtype?.startsWith('int') !== true || text === '' || naValues.includes(utf8(text))) return false;
  return (['int64', 'float32'] as const).some((wider) => bytesOf(text, { dtype: wider }, []));
}

function inferred(body: readonly Row[], head: readonly string[], rules: TableRules): Map<string, TableColumnRule> {
  const { columns, inferRows, naValues } = rules;
  const texts = new Map<string, string[]>(head.map((name) => [name, []]));
  let order = head;
  for (const row of body.slice(0, inferRows)) {
    const areNumbers = head.every((name) => bytesOf(name, { dtype: 'float64' }, []));
    const header = rules.columnNames || areNumbers ? undefined : headerOf(row, head);
    order = header ?? order;
    for (const [index, field] of header ? [] : row.fields.entries()) {
      if (field !== '' && !naValues.includes(utf8(field))) texts.get(order[index] ?? '')?.push(field);
    }
  }
  return new Map(head.map((name) => [name, columns[name] ?? { dtype: dtypeOf(texts.get(name)!) }]));
}
