import { extname } from 'node:path';
import { compressionOfName } from '../../formats/compression/compressionOfName.js';
import type { Compression } from '../../formats/compression/sniffCompression.js';
import type { Content, ContentResult, RecordPosition } from './content.js';
import { describeName } from './describeValue.js';
import { ImageContent } from './imageContent.js';
import type { InputFormat } from './inputFormat.js';
import { LineContent } from './lineContent.js';
import { areAlike, RecordContent, type Sketch } from './recordContent.js';
import type { SketchedRecords } from './sketch/dataSketch.js';
import { NumberSketch } from './sketch/numberSketch.js';
import { RANKED_SIZES } from './rowSizes.js';
import { SizeHistogram } from './sizeHistogram.js';
import type { UnknownInput } from './unknownInput.js';

/** `early`: an error or a signal ended the reading. */
export type SurveyEnding = 'at the end' | 'at the limit' | 'early';

/** Describes one data set: inputs with the same format and compression. */
export class Survey {
  readonly format: InputFormat | null;
  readonly compression: Compression | null;
  readonly paths: string[] = [];
  ending: SurveyEnding = 'at the end';
  readonly #content: Content | undefined;
  /** The sizes of all records. CSV headers count as records. */
  readonly #sizes = new SizeHistogram();
  readonly #sketchedSizes = new NumberSketch(RANKED_SIZES);
  readonly #inputs: UnknownInput[] = [];
  #result: ContentResult | undefined;

  constructor({ format, compression }: Pick<UnknownInput, 'format' | 'compression'>) {
    this.format = format;
    this.compression = compression;
    if (format) this.#content = contentOf(format);
  }

  /**
   * True if a file belongs to this data set. Text files must have the same extension, and records must be alike.
   *
   * @param sketch - the sketch of the first records, if it is known.
   */
  includes({ format, compression }: UnknownInput, path: string, sketch: Sketch | undefined): boolean {
    if (format !== this.format || compression !== this.compression) return false;
    if (sketch && this.#content instanceof RecordContent) return areAlike(this.#content.sketch, sketch);
    return format !== 'TextLine' || extensionOf(path) === extensionOf(this.paths[0] ?? '');
  }

  begin(input: UnknownInput, path: string): void {
    this.#inputs.push(input);
    this.paths.push(path);
  }

  add(record: Uint8Array, position: RecordPosition): () => string {
    const show = this.#content?.add(record, position);
    this.#sizes.add(record.length);
    if (position.isSketched) this.#sketchedSizes.add(record.length);
    return show ?? (() => '');
  }

  /** The number of records so far. CSV headers count as records. */
  get added(): number {
    return this.#sizes.count;
  }

  /** Call this and `recordSizes` after the last record. */
  get sizes(): SizeHistogram {
    return this.result?.rows?.rows ?? this.#sizes;
  }

  /** The sizes of the records in the statistics. */
  get recordSizes(): NumberSketch {
    return this.result?.rows?.sketched ?? this.#sketchedSizes;
  }

  /** The number of bytes before decompression. */
  get bytes(): number {
    return this.#inputs.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** `undefined` if there are no records. */
  get result(): ContentResult | undefined {
    if (this.added > 0) this.#result ??= this.#content?.result();
    return this.#result;
  }

  sketched(): SketchedRecords {
    return (this.result && this.#content?.sketched()) ?? { records: 0, features: [] };
  }

  get hasByteOrderMark(): boolean {
    return this.#inputs.some(({ hasByteOrderMark }) => hasByteOrderMark);
  }

  get remarks(): string[] {
    const remarks = [...(this.result?.remarks ?? [])];
    const isMixed = this.paths.length > 1 && this.result?.name === 'text';
    if (isMixed) remarks.push('the files may be of different kinds: inspect each file separately');
    const misnamed = this.paths.filter((path) => compressionOfName(path) !== undefined);
    if (this.compression === null && this.bytes > 0 && misnamed[0] !== undefined) {
      const more = misnamed.length > 1 ? `, like ${misnamed.length - 1} more` : '';
      const toDo = "rename it, or set compression: 'none' in recordsFromFiles()";
      remarks.push(`${describeName(misnamed[0])} is not compressed, although its name says so${more}: ${toDo}`);
    }
    const marked = this.#inputs.filter(({ hasByteOrderMark }) => hasByteOrderMark).length;
    if (marked > 0) {
      const begins = this.paths.length > 1 ? `${marked} of ${this.paths.length} files begin` : 'it begins';
      remarks.push(`${begins} with a byte order mark (ef bb bf), which is not shown here`);
    }
    if (this.#inputs.some(({ hasMultipart }) => hasMultipart)) {
      remarks.push(
        'some records have several parts (multi-part RecordIO), which are concatenated here:',
        "  use decodeRecordIO({ multipart: 'dmlc' }) for files from MXNet or dmlc-core, else { multipart: 'concat' }",
      );
    }
    return remarks;
  }
}

function extensionOf(path: string): string {
  return extname(compressionOfName(path) === undefined ? path : path.slice(0, -extname(path).length));
}

function contentOf(format: InputFormat): Content {
  if (format === 'TextLine') return new LineContent();
  return format === 'image' ? new ImageContent() : new RecordContent();
}
