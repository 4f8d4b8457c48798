import { quoteNames } from '../../base/showValue.js';
import { grouped } from '../../base/grouped.js';

/** The first line with the usual number of columns in a file. */
export interface FirstLine {
  readonly fields: readonly string[];
  readonly indexInFile: number;
  /** The number of lines above this line, without blank lines. */
  readonly filledAbove: number;
  readonly place: string;
  /** True if all fields may be names. */
  readonly areNames: boolean;
}

interface OddFiles {
  readonly count: number;
  readonly first: Pick<FirstLine, 'fields' | 'place'>;
}

/** Compares the first lines of files, which are headers in most data sets. */
export class FirstLines {
  #first: FirstLine | undefined;
  /** The place of the first header that is not in the same line as the first file's header. */
  #shifted: string | undefined;
  /** Like `#shifted`, but blank lines do not count. */
  #filledShifted: string | undefined;
  /** Files with the same fields in a different order. */
  #reordered: OddFiles | undefined;
  /** Files with different fields. */
  #others: OddFiles | undefined;
  /** The number of files with the fields of the first file. */
  #alike = 0;

  get fields(): readonly string[] | undefined {
    return this.#first?.fields;
  }

  /** The number of lines up to and including the header. `undefined` if it differs between the files. */
  get skipLines(): number | undefined {
    return this.#shifted === undefined ? (this.#first?.indexInFile ?? 0) + 1 : undefined;
  }

  /** Like `skipLines`, but blank lines do not count. */
  get skipFilled(): number | undefined {
    return this.#filledShifted === undefined ? (this.#first?.filledAbove ?? 0) + 1 : undefined;
  }

  /** True if there are several files, and all begin with the same fields. */
  get areAlike(): boolean {
    return this.#alike > 1 && !this.#others;
  }

  /** True if all fields of the first line may be names. */
  get beginWithNames(): boolean {
    return this.#first?.areNames === true;
  }

  get haveOthers(): boolean {
    return this.#others !== undefined;
  }

  /**
   * Adds the first line of a file. Returns the position of each field in the first file, or `undefined` if the fields
   * are different.
   */
  add(line: FirstLine): readonly number[] | undefined {
    this.#first ??= line;
    const columns = columnsOf(line, this.#first.fields);
    if (!columns) {
      this.addOther(line);
      return undefined;
    }
    this.#alike++;
    if (columns.some((column, at) => column !== at)) this.#reordered = oneMore(this.#reordered, line);
    if (line.indexInFile !== this.#first.indexInFile) this.#shifted ??= line.place;
    if (line.filledAbove !== this.#first.filledAbove) this.#filledShifted ??= line.place;
    return columns;
  }

  /** Adds a file that does not begin with the fields of the first file. */
  addOther(line: OddFiles['first']): void {
    this.#others = oneMore(this.#others, line);
  }

  /** Call this only if the first line is a header. */
  remarks(decoder: 'decodeTable' | 'decodeCsv'): string[] {
    const isTable = decoder === 'decodeTable';
    const remarks: string[] = [];
    if (this.#reordered) {
      const order = `${filesOf(this.#reordered, 'has', 'have')} the columns in another order`;
      const effect = isTable ? 'which decodeTable accepts' : 'but decodeCsv reads columns by position';
      remarks.push(`${order}, ${effect}: see ${this.#reordered.first.place}`);
    }
    if (this.#others) remarks.push(this.#otherRemark(this.#others, isTable));
    if (this.#shifted !== undefined && !isTable) remarks.push(this.#shiftRemark(this.#shifted));
    return remarks;
  }

  #otherRemark(others: OddFiles, isTable: boolean): string {
    const { fields, place } = others.first;
    const names = this.fields ?? [];
    const added = fields.filter((name) => !names.includes(name));
    const missing = names.filter((name) => !fields.includes(name));
    if (missing.length === names.length) {
      const effect = isTable ? 'decodeTable fails' : `{ skipLines: ${this.skipLines ?? 1} } would leave out data`;
      return `${filesOf(others, 'does', 'do')} not begin with this header, so ${effect}: see ${place}`;
    }
    const has = added.length > 0 ? [`also has ${quoteNames(added)}`] : [];
    const lacks = missing.length > 0 ? [`has no ${quoteNames(missing)}`] : [];
    return (
      `${filesOf(others, 'has', 'have')} other columns: ${place} ${[...has, ...lacks].join(', and ')}; read these ` +
      `files separately${isTable ? ', or select the columns that all files have' : ''}`
    );
  }

  #shiftRemark(shifted: string): string {
    const fault = 'the files have different numbers of lines before the header';
    return this.#filledShifted === undefined
      ? `${fault}, so no value of "skipLines" fits all files: see ${shifted}`
      : `${fault}, so no code reads all of them: see ${this.#filledShifted}. Remove the lines before the header, or inspect and read these files separately`;
  }
}

/**
 * Names may be in a different order. Data must be equal, because a later row may have the same values in a different
 * order.
 */
function columnsOf({ fields, areNames }: FirstLine, first: readonly string[]): readonly number[] | undefined {
  if (fields.length === first.length && fields.every((field, at) => field === first[at])) return [...fields.keys()];
  const columns = fields.map((field) => first.indexOf(field));
  const isOrder = areNames && !columns.includes(-1) && new Set(columns).size === first.length;
  return isOrder ? columns : undefined;
}

function oneMore(files: OddFiles | undefined, first: OddFiles['first']): OddFiles {
  return { count: (files?.count ?? 0) + 1, first: files?.first ?? first };
}

function filesOf({ count }: OddFiles, one: string, several: string): string {
  return count === 1 ? `1 file ${one}` : `${grouped(count)} files ${several}`;
}
