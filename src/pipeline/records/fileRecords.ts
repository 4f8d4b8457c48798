import { catchError, concatAll, concatMap, toArray, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import { decompress } from '../../../operators/decompress.js';
import { interleave } from '../../../operators/interleave.js';
import { FormatError, type FormatErrorKind } from '../../base/errors.js';
import type { Announcement } from '../../resume/cursor.js';
import { operate } from '../../demand/operate.js';
import { seedOption } from '../../base/optionFields.js';
import { positiveInteger } from '../../base/parseOptions.js';
import { withPass, type Pass } from '../../resume/pass.js';
import { seededRandom } from '../../base/seededRandom.js';
import { abortable } from '../../sources/abortable.js';
import { failWhenEmptyAgain, type EmptyEpochs } from '../../sources/failWhenEmptyAgain.js';
import { fromAsyncIterable } from '../../sources/fromAsyncIterable.js';
import { fileBytes } from '../../sources/fromFile.js';
import { fileFacts } from './fileFacts.js';
import type { RecordDecoder } from './recordFormat.js';

/** How records are read from files. */
export interface FileOptions {
  /**
   * Reorders the files before each epoch: a function of the seed, from 0 to 2^32 - 1, and of the epoch, which counts the
   * subscriptions, or is that of a `resumable` below. Default: their names' order, the same each time.
   *
   * Do not split training from validation by `take` and `skip` behind it: other records come first in each epoch, so the
   * model is trained on those that it is validated with. Use files of their own, or a `filter` on a hash of the key.
   */
  readonly shuffleSeed?: number | undefined;
  /** How many files are open at a time, their records taken in turn, as `interleave` has it. Default: 1. */
  readonly cycleLength?: number | undefined;
  /** How many records in a row are taken from one of several open files. Default: 1. */
  readonly blockLength?: number | undefined;
}

/** The fields of {@link FileOptions} in a schema. */
export const fileFields = {
  shuffleSeed: seedOption.optional(),
  cycleLength: positiveInteger.default(1),
  blockLength: positiveInteger.default(1),
};

/** The files of one subscription. */
export interface ListedFiles {
  /** Their place, for errors. */
  readonly path: string;
  readonly list: () => Promise<readonly string[]>;
  /** Returns their common name, their folder, and more facts about them. May throw. */
  readonly describe: () => { readonly name: string; readonly root?: string; readonly facts?: Announcement };
}

/** Options of {@link fileRecords}. */
export interface FileRecordsOptions<R> extends FileOptions {
  readonly decoder: RecordDecoder<R>;
  readonly signal?: AbortSignal | undefined;
  /** The error for epochs without a record. Default: none; any number of epochs may be empty. */
  readonly emptyEpochs?: EmptyEpochs | undefined;
}

/**
 * The records of files, each file decoded by itself, so that each ends at a record's end. A name that ends in `.gz` is
 * decompressed. A FormatError names the file, its position being one in that file's (decompressed) bytes.
 */
export function fileRecords<R>(options: FileRecordsOptions<R>): (files: ListedFiles) => Observable<R> {
  const { decoder, shuffleSeed, cycleLength = 1, blockLength, signal, emptyEpochs } = options;
  let epoch = 0;
  const read = (path: string): Observable<R> => {
    const bytes$ = fileBytes(path);
    const plain$ = /\.gz$/i.test(path) ? bytes$.pipe(decompress('gzip')) : bytes$;
    return plain$.pipe(decoder, namingFile(path));
  };
  const bound = emptyEpochs && failWhenEmptyAgain<R>(emptyEpochs);
  const readAll = (files: ListedFiles) =>
    withPass((pass) => {
      const order = shuffleSeed === undefined ? undefined : ([shuffleSeed, pass?.epoch ?? epoch++] as const);
      const told = pass && tellFiles(pass, files, options);
      const list = told?.list ?? files.list;
      const paths$ = fromAsyncIterable<string>({ [Symbol.asyncIterator]: () => pathsOf(list, order) });
      // One file after the other needs no interleaving. concatMap may hold all names, because the list does too.
      const all$ =
        cycleLength === 1
          ? paths$.pipe(toArray(), concatAll(), concatMap(read))
          : paths$.pipe(interleave(read, { cycleLength, blockLength }));
      return told ? all$.pipe(told.count) : all$;
    });
  return (files) => {
    const records$ = readAll(files);
    return (bound ? records$.pipe(bound(files.path)) : records$).pipe(abortable(signal));
  };
}

/** Tells a pass of the files when they are listed, and of each record. */
function tellFiles<R>({ ledger }: Pass, files: ListedFiles, options: FileRecordsOptions<R>) {
  const { shuffleSeed, cycleLength, blockLength } = options;
  const { name, root, facts } = files.describe();
  const input = ledger.input(name, 'records');
  const list = async (): Promise<readonly string[]> => {
    const paths = await files.list();
    input.describe({ ...facts, shuffleSeed, cycleLength, blockLength, ...(await fileFacts(paths, root)) });
    return paths;
  };
  const count: MonoTypeOperatorFunction<R> = (source) =>
    operate<R, R>(source, (destination) => ({
      next: (record) => {
        input.readRecord();
        destination.next(record);
      },
    }));
  return { list, count };
}

async function* pathsOf(list: () => Promise<readonly string[]>, order?: readonly [number, number]) {
  const paths = [...(await list())];
  if (order) permute(paths, seededRandom(...order));
  yield* paths;
}

/** Fisher and Yates' shuffle. */
function permute(items: string[], random: (bound: number) => number): void {
  for (let end = items.length - 1; end > 0; end--) {
    const chosen = random(end + 1);
    [items[end], items[chosen]] = [items[chosen] as string, items[end] as string];
  }
}

const IS = {
  truncated: 'is cut short',
  checksum: 'is damaged, or of another format',
  tooLarge: 'holds a record over the limit',
  malformed: 'is not what its format says',
} as const satisfies Record<FormatErrorKind, string>;

function namingFile<R>(path: string): MonoTypeOperatorFunction<R> {
  return catchError((cause: unknown) => {
    if (!(cause instanceof FormatError) || cause.path !== undefined) throw cause;
    throw cause.inFile(path, `the file ${path} ${IS[cause.kind]}: ${cause.reason}`);
  });
}
