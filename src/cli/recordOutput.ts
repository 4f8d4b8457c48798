import { tap, type Observable } from 'rxjs';
import { ConfigError, MillraceError } from '../base/errors.js';
import { problemOfScheme } from '../base/localPath.js';
import { showValue } from '../base/showValue.js';
import { WRITABLE_FORMATS, type WritableRecordFormat } from '../formats/recordFormats.js';
import { encodeTextLine } from '../formats/text/encodeTextLine.js';
import { prefixMessage } from '../pipeline/declared/placeErrors.js';
import type { Manifest } from '../sinks/manifest.js';
import { writeRecords } from '../sinks/writeRecords.js';
import { storeOfOutput } from './commandStores.js';
import { STANDARD_OUTPUT } from './itemWriter.js';
import { jsonOf } from './jsonOf.js';

export interface RecordOutputFlags {
  readonly recordsPerFile?: number;
  readonly bytesPerFile?: number;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
}

export interface ItemsTarget extends RecordOutputFlags {
  readonly to: string;
  readonly signal: AbortSignal;
}

/** All other files contain lines of JSON. */
const FORMAT_OF_ENDING: readonly (readonly [RegExp, WritableRecordFormat])[] = [
  [/\.tfrecords?(\.gz)?$/i, 'TFRecord'],
  [/\.(rec|recordio)(\.gz)?$/i, 'RecordIO'],
];

/**
 * Returns the option `to` if `writeRecords` must write the output. Returns `undefined` for standard output, a FIFO, a
 * device, or one plain file with lines of JSON.
 *
 * @throws ConfigError if an option of `writeRecords` is set without `--to`, or if `--to` is empty or a mistyped URL.
 */
export function recordFilesOf(to: string | undefined, flags: RecordOutputFlags): string | undefined {
  if (to === '') throw new ConfigError("--to: expected the path of a file, found ''", { path: 'to' });
  const { recordsPerFile, bytesPerFile, resume, overwrite } = flags;
  const given = {
    '--records-per-file': recordsPerFile,
    '--bytes-per-file': bytesPerFile,
    '--resume': resume,
    '--overwrite': overwrite,
  };
  const [option] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
  if (to === undefined || to === STANDARD_OUTPUT) {
    if (option === undefined) return undefined;
    throw new ConfigError(`${option} needs output files: add --to 'out/part-{shard}.tfrecord'`, { path: 'to' });
  }
  const isNamed = /\{shard\}|\.gz$|^[a-z0-9+.-]+:\/\//i.test(to) || formatOf(to) !== undefined;
  if (isNamed || option !== undefined) return to;
  const problem = problemOfScheme(to);
  if (problem !== undefined) throw new ConfigError(`--to: ${problem}`, { path: 'to' });
  return undefined;
}

/**
 * Writes items in the format of the file name, or as lines of JSON. Rejects with the errors of `writeRecords`. If the
 * output fails, the error message begins with `--to`.
 */
export async function writeItems(item$: Observable<unknown>, target: ItemsTarget): Promise<Manifest> {
  const { to, recordsPerFile, bytesPerFile, resume, overwrite, signal } = target;
  let inputError: unknown;
  const watched$ = item$.pipe(tap({ error: (error: unknown) => void (inputError = error) }));
  try {
    const store = await storeOfOutput(to);
    const options = { recordsPerFile, bytesPerFile, resume, overwrite, store, signal };
    return await writeRecords(watched$, to, { ...options, recordFormat: encoderFor(to) });
  } catch (error) {
    if (error instanceof ConfigError && CALL.test(error.message)) throw inCommandLine(to, error);
    if (error instanceof MillraceError && error !== inputError) prefixMessage(error, `--to ${to}`);
    throw error;
  }
}

function formatOf(to: string): WritableRecordFormat | undefined {
  return FORMAT_OF_ENDING.find(([ending]) => ending.test(to))?.[1];
}

function encoderFor(to: string): (item: unknown) => Uint8Array {
  const format = formatOf(to);
  if (format === undefined) return (item) => encodeTextLine(JSON.stringify(jsonOf(item)));
  return (item) => {
    if (item instanceof Uint8Array) return WRITABLE_FORMATS[format].encode(item);
    const remedy =
      'Remove the stages that parse or batch the records, or write lines of JSON to a name that ends in .jsonl';
    throw new ConfigError(`expected bytes for ${format}, found ${showValue(item)}. ${remedy}`, { path: 'to' });
  };
}

/** The start of the messages that name the called function. */
const CALL = /^(writeRecords|fileStore: create): /;

const FLAGS: readonly (readonly [RegExp, string])[] = [
  [/\bresume: true\b/g, '--resume'],
  [/\boverwrite: true\b/g, '--overwrite'],
  [/\brecordsPerFile\b/g, '--records-per-file'],
  [/\bbytesPerFile\b/g, '--bytes-per-file'],
];

function inCommandLine(to: string, cause: ConfigError): ConfigError {
  const reason = FLAGS.reduce((text, [option, flag]) => text.replace(option, flag), cause.message);
  return new ConfigError(reason.replace(CALL, `--to ${to}: `), { path: 'to', cause });
}
