import { join } from 'node:path';
import { defer, type Observable } from 'rxjs';
import { lazy } from '../../base/lazy.js';
import { ChannelError } from '../../base/errors.js';
import type { RecordFormat } from '../../formats/recordFormats.js';
import { channelFacts } from '../../sagemaker/channelFacts.js';
import { resolveDirectories } from '../../sagemaker/directories.js';
import { findChannel } from '../../sagemaker/findChannel.js';
import { channelOptionsSchema, channelReader, type ChannelOptions } from '../../sources/channel.js';
import { fileVersions, type DataFacts } from './fileFacts.js';
import { FileFilter } from './fileFilter.js';
import { fileFields, fileRecords, type FileOptions } from './fileRecords.js';
import { labelled } from './imageLabels.js';
import { listFiles } from './listFiles.js';
import type { RecordFile } from './recordFile.js';
import { parseRecordOptions, recordFormatSchema, type RecordDecoder, type RecordsOf } from './recordFormat.js';
import { requireNoFileStart } from './requireNoFileStart.js';

/** Options of {@link records}: the options of `channel` for Pipe mode, and file options for the other modes. */
export interface RecordsOptions<F extends RecordFormat | RecordDecoder> extends ChannelOptions, FileOptions {
  /** A format with default options, or a decoder such as `decodeTextLine({ encoding: 'utf8' })`. */
  readonly recordFormat: F;
}

const optionsSchema = lazy(() =>
  channelOptionsSchema().extend({ recordFormat: recordFormatSchema(), ...fileFields() }),
);

/**
 * Reads the records of a channel in the training job's input mode: Pipe, File or FastFile.
 *
 * ```ts
 * import { records } from 'millrace';
 * import { batch, prefetch, shuffle } from 'millrace/operators';
 *
 * const batches$ = records('train', { recordFormat: 'TFRecord', shuffleSeed: 7 }).pipe(
 *   shuffle(10_000, { seed: 7 }),
 *   batch(64),
 *   prefetch(10),
 * );
 * ```
 *
 * Each subscription reads one epoch:
 *
 * - In Pipe mode, an epoch is the next FIFO, as with `channel`. SageMaker decompresses (`CompressionType`) and shuffles
 *   (`ShuffleConfig`) the data.
 * - In File and FastFile mode, an epoch is all files in `input/data/<name>` and its subfolders, in key order. Some
 *   files are left out by default: see `docs/guides/files.md`. Compressed files are decompressed (`compression`). A
 *   record cannot continue in the next file.
 *
 * To read a folder without a job, use `recordsFromFiles`.
 *
 * Memory in Pipe mode: that of `channel` and of the decoder. Memory in the other modes: the names of all files, and for
 * each open file a chunk of 1 MiB and a record.
 *
 * Throws a ConfigError at the call if an argument is invalid. Fails with the errors of `channel`, and with a
 * FormatError that names the file if bytes do not have the format. Fails with a ChannelError `ERR_CHANNEL_EMPTY` if
 * there are no files, or if `repeat` reads 100 consecutive epochs without a record (unless `allowEmpty` is set).
 * Unsubscribing closes the FIFO or the files.
 *
 * @param name - the channel's name. Default: the only channel, or `training` if there are several.
 */
export function records<const F extends RecordFormat | RecordDecoder>(
  name: string | undefined,
  options: RecordsOptions<F>,
): Observable<RecordsOf<F>> {
  return recordsOfJob(name, options, NO_JOB).records$;
}

const NO_JOB =
  'run the program under SageMaker or `millrace local`; if the job uses different folders, set baseDir or configDir. ' +
  'To read files without a job, use recordsFromFiles().';

/** Like {@link records}. If there is no job, the error message ends with `noJob`. */
export function recordsOfJob<const F extends RecordFormat | RecordDecoder>(
  name: string | undefined,
  options: RecordsOptions<F>,
  noJob: string,
): { readonly records$: Observable<RecordsOf<F>>; readonly data: () => Promise<DataFacts> } {
  const { checked, decoder } = parseRecordOptions('records', optionsSchema(), options);
  const { shuffleSeed, cycleLength, blockLength, compression, include, exclude, ...channelOptions } = checked;
  const filter = new FileFilter('records', { include, exclude });
  const directories = resolveDirectories(channelOptions);
  const readPipe = channelReader(name, channelOptions);
  const readFiles = fileRecords({
    decoder,
    shuffleSeed,
    cycleLength,
    blockLength,
    compression,
    signal: channelOptions.signal,
    emptyEpochs: channelOptions.allowEmpty
      ? undefined
      : {
          name: `records(${name === undefined ? '' : JSON.stringify(name)})`,
          remedy: `Its files contain no record: check the program that wrote the files. ${EMPTY_REMEDY}`,
        },
  });
  const find = () => {
    const found = findChannel(directories, name, noJob);
    const folder = join(directories.pipeDir, found.name);
    const list = async (): Promise<readonly RecordFile[]> => {
      const listing = await listFiles(folder);
      const files = await filter.select(listing);
      if (files.length === 0 && !channelOptions.allowEmpty) throw emptyError(folder);
      return labelled(decoder, [{ listing, files }]);
    };
    const facts = () => channelFacts(directories, found);
    return { found, folder, list, facts, isPipe: found.config.TrainingInputMode === 'Pipe' };
  };
  const records$ = defer(() => {
    const { found, folder, list, facts, isPipe } = find();
    if (isPipe) {
      requireNoFileStart(decoder, found.name, directories.pipeDir);
      return readPipe(found).pipe(decoder);
    }
    return readFiles({ path: folder, cursorInput: () => ({ name: found.name, root: folder, facts: facts() }), list });
  });
  const data = async (): Promise<DataFacts> => {
    const { folder, list, facts, isPipe } = find();
    return isPipe ? { facts: facts() } : { facts: facts(), files: await fileVersions(await list(), folder) };
  };
  return { records$: records$ as Observable<RecordsOf<F>>, data };
}

const EMPTY_REMEDY =
  'If a host may receive no data (ShardedByS3Key), set allowEmpty: true and limit the number of epochs.';

function emptyError(folder: string): ChannelError {
  return new ChannelError(
    `The folder ${folder} contains no file to read. Check the S3 prefix of the channel's data source. ${EMPTY_REMEDY}`,
    { code: 'ERR_CHANNEL_EMPTY', path: folder },
  );
}
