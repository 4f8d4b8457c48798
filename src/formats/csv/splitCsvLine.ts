/*
 * A line of CSV, as in RFC 4180 and TensorFlow:
 *
 *   line     = field *( delimiter field )
 *   field    = plain / quoted
 *   plain    = any characters but delimiter, quote, CR and LF
 *   quoted   = '"' any characters, a quote written twice '"', and then the delimiter or the end
 *
 * CR and LF before a field are skipped. An empty line has no fields.
 *
 * https://www.rfc-editor.org/rfc/rfc4180
 * https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/kernels/decode_csv_op.cc
 */
const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export interface CsvRules {
  readonly delimiter: number;
  readonly useQuoteDelim: boolean;
  readonly selectCols: readonly number[] | undefined;
}

export interface CsvField {
  readonly column: number;
  readonly text: string;
  readonly start: number;
}

export type CsvFail = (message: string, column: number | undefined, at: number) => never;

export function splitCsvLine(line: string, rules: CsvRules, fail: CsvFail): CsvField[] {
  const { delimiter, useQuoteDelim, selectCols } = rules;
  const fields: CsvField[] = [];
  const isWanted = (column: number) => selectCols === undefined || selectCols[fields.length] === column;
  let column = 0;
  let at = 0;
  while (at < line.length) {
    const first = line.charCodeAt(at);
    if (first === LINE_FEED || first === CARRIAGE_RETURN) {
      at++;
      continue;
    }
    const start = at;
    const isQuoted = useQuoteDelim && first === QUOTE;
    const end = isQuoted
      ? endOfQuoted(line, start, delimiter, (message, where) => fail(message, column, where))
      : endOfPlain(line, start, rules, (where) => fail(PLAIN_FAULT, column, where));
    if (isWanted(column)) {
      const text = isQuoted ? line.slice(start + 1, end).replaceAll('""', '"') : line.slice(start, end);
      fields.push({ column, text, start });
      if (fields.length === selectCols?.length) return fields;
    }
    column++;
    at = end + (isQuoted ? 2 : 1);
  }
  const isLastMissing = line.length > 0 && line.charCodeAt(line.length - 1) === delimiter;
  if (isLastMissing && isWanted(column)) fields.push({ column, text: '', start: line.length });
  const absent = selectCols?.[fields.length];
  const count = column + (isLastMissing ? 1 : 0);
  if (absent !== undefined && count > 0) {
    fail(`the line has only ${count} columns`, absent, line.length);
  }
  return fields;
}

const PLAIN_FAULT = 'a field that contains a quote or a line end must be quoted';
const OPEN_FAULT =
  'the quoted field has no closing quote: a field cannot continue on the next line, because each line is a record';

function endOfPlain(line: string, start: number, rules: CsvRules, fail: (at: number) => never): number {
  const { delimiter, useQuoteDelim } = rules;
  let at = start;
  for (; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === delimiter) return at;
    if ((code === QUOTE && useQuoteDelim) || code === LINE_FEED || code === CARRIAGE_RETURN) fail(at);
  }
  return at;
}

function endOfQuoted(
  line: string,
  start: number,
  delimiter: number,
  fail: (message: string, at: number) => never,
): number {
  let at = line.indexOf('"', start + 1);
  while (at >= 0 && at < line.length - 1) {
    const next = line.charCodeAt(at + 1);
    if (next === delimiter) return at;
    if (next !== QUOTE) fail('a quote inside a quoted field must be written twice', at);
    at = line.indexOf('"', at + 2);
  }
  return at >= 0 ? at : fail(OPEN_FAULT, start);
}
