import { SizeHistogram } from './sizeHistogram.js';
import { NumberSketch } from './sketch/numberSketch.js';

export const RANKED_SIZES = 512;

/** The sizes of CSV lines, without headers and the lines above headers. */
export class RowSizes {
  readonly rows = new SizeHistogram();
  /** The sizes of the rows in the statistics. */
  readonly sketched = new NumberSketch(RANKED_SIZES);
  /** The first lines with the usual number of columns, which may be headers, and the lines above them. */
  readonly #heads = new SizeHistogram();
  /** The lines of the current file before its first line with the usual number of columns. */
  #above = new SizeHistogram();

  /** The number of lines of the current file before its first line with the usual number of columns. */
  get above(): number {
    return this.#above.count;
  }

  /** Adds a line with another number of columns. */
  addOdd(size: number, isAboveColumns: boolean): void {
    (isAboveColumns ? this.#above : this.rows).add(size);
  }

  /** Adds a line that may be a header. */
  addHead(size: number): void {
    this.#heads.add(size);
  }

  /**
   * Call this at the first line with the usual number of columns.
   *
   * @param isHead - false if this line is data, so that the lines above it are rows with another number of columns.
   */
  beginColumns(isHead: boolean): void {
    (isHead ? this.#heads : this.rows).addAll(this.#above);
    this.#above = new SizeHistogram();
  }

  /** If no line of a file has the usual number of columns, all its lines are rows. */
  endFile(): void {
    this.rows.addAll(this.#above);
    this.#above = new SizeHistogram();
  }

  /** Call this if there is no header. */
  addHeads(): void {
    this.rows.addAll(this.#heads);
  }
}
