import type { Observable } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { decodeRecords } from '../../../operators/decodeRecords.js';
import { withBadRecords } from '../../../operators/shared/badRecords.js';
import { MillraceError, type FormatError } from '../../base/errors.js';
import { requireOptions } from '../../base/parseOptions.js';
import { TFRecordReader } from '../../formats/tfrecord/tfRecordReader.js';
import { DEFAULT_FORMAT, type RecordFormat } from '../../formats/recordFormats.js';
import { channelNameSchema } from '../../sagemaker/channelName.js';
import { resolveDirectories } from '../../sagemaker/directories.js';
import { findPipeChannel } from '../../sagemaker/findChannel.js';
import { channel, channelOptionsSchema, type ChannelOptions } from '../../sources/channel.js';
import { parseRecordOptions, recordFormatSchema, type RecordDecoder, type RecordsOf } from './recordFormat.js';
import { requireNoFileStart } from './requireNoFileStart.js';

/** Options of {@link pipeModeDataset}. */
export interface PipeModeDatasetOptions<F extends RecordFormat | RecordDecoder> extends ChannelOptions {
  /** The channel's name. Default: as for `channel`. */
  readonly channel?: string | undefined;
  /** A format with default options, or a decoder such as `decodeTFRecord({ … })`. Default: `RecordIO`. */
  readonly recordFormat?: F | undefined;
  /**
   * For TFRecord: the maximum number of consecutive records with a wrong data checksum that are skipped. Default: 0.
   */
  readonly maxCorruptedRecordsToSkip?: number | undefined;
}

const optionsSchema = lazy(() =>
  channelOptionsSchema()
    .extend({
      channel: channelNameSchema().optional(),
      recordFormat: recordFormatSchema(),
      maxCorruptedRecordsToSkip: z.int().nonnegative().default(0),
    })
    .refine(
      ({ recordFormat, maxCorruptedRecordsToSkip }) => maxCorruptedRecordsToSkip === 0 || recordFormat === 'TFRecord',
      {
        path: ['maxCorruptedRecordsToSkip'],
        error:
          "expected recordFormat: 'TFRecord', because readers of other formats cannot find the next record. If " +
          "recordFormat is a decoder, use the decoder's options",
      },
    ),
);

/**
 * Reads a Pipe mode channel with the arguments and defaults of Amazon's `PipeModeDataset`.
 *
 * ```ts
 * import { pipeModeDataset } from 'millrace';
 * import { batch, prefetch } from 'millrace/operators';
 * import { repeat } from 'rxjs';
 *
 * const batches$ = pipeModeDataset({ channel: 'training', recordFormat: 'TFRecord' }).pipe(
 *   repeat(20),
 *   prefetch(10),
 *   batch(64),
 * );
 * ```
 *
 * Equivalent to `channel(name).pipe(decode…())`. The epoch number is stored in `stateDir` in the format of
 * `PipeModeDataset`, so a job can switch between the two libraries.
 *
 * When the Observable ends, a process warning reports the number of skipped records. A wrong length checksum and a
 * truncated last record are always errors. To limit the total number of bad records, or to receive each error, pass
 * `decodeTFRecord({ onBadRecord, maxBadRecords })` as `recordFormat`.
 *
 * Throws a ConfigError if an option or `inputdataconfig.json` is invalid, or a ChannelError if the job has no such
 * channel in Pipe mode. Unsubscribing closes the FIFO.
 *
 * @see https://github.com/aws/sagemaker-tensorflow-extensions
 */
export function pipeModeDataset<const F extends RecordFormat | RecordDecoder = 'RecordIO'>(
  options: PipeModeDatasetOptions<F> = {},
): Observable<RecordsOf<F>> {
  requireOptions('pipeModeDataset', options, "{ recordFormat: 'TFRecord' }");
  const named = { ...options, recordFormat: options.recordFormat ?? DEFAULT_FORMAT };
  const { checked, decoder } = parseRecordOptions('pipeModeDataset', optionsSchema(), named);
  const { channel: name, maxCorruptedRecordsToSkip, ...channelOptions } = checked;
  const bytes$ = channel(name, channelOptions);
  const directories = resolveDirectories(channelOptions);
  requireNoFileStart(decoder, findPipeChannel(directories, name).name, directories.pipeDir);
  const chosen = maxCorruptedRecordsToSkip > 0 ? skipCorrupted(maxCorruptedRecordsToSkip) : decoder;
  return bytes$.pipe(chosen as RecordDecoder<RecordsOf<F>>);
}

function skipCorrupted(maxInARow: number): RecordDecoder<Uint8Array> {
  return withBadRecords('pipeModeDataset', { onBadRecord: 'skip' }, (judge) =>
    decodeRecords(() => {
      let inARow = 0;
      let nextIndex = 0;
      const onBadRecord = (error: FormatError, bytes: number): void => {
        inARow = error.recordIndex === nextIndex ? inARow + 1 : 1;
        nextIndex = error.recordIndex + 1;
        if (inARow > maxInARow) throw tooManyInARow(maxInARow, error);
        judge?.(error, bytes);
      };
      return new TFRecordReader({ onBadRecord });
    }, 'decodeTFRecord'),
  );
}

function tooManyInARow(maxInARow: number, error: FormatError): MillraceError {
  const limit = `found more than ${maxInARow} consecutive corrupted records (maxCorruptedRecordsToSkip)`;
  return new MillraceError(`pipeModeDataset: ${limit}. The last error was: ${error.message}`, {
    code: error.code,
    cause: error,
  });
}
