import type { Observable } from 'rxjs';
import { z } from 'zod';
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
  /** The channel's name in the training job. Default: the only channel it has, or `training`. */
  readonly channel?: string | undefined;
  /** A format by name, with its decoder's defaults, or a decoder such as `decodeTFRecord({ … })`. Default: `RecordIO`. */
  readonly recordFormat?: F | undefined;
  /**
   * TFRecord only: how many records in a row, whose data have a wrong checksum, may be left out; a good one starts the
   * count anew. Default: 0.
   */
  readonly maxCorruptedRecordsToSkip?: number | undefined;
}

const optionsSchema = channelOptionsSchema
  .extend({
    channel: channelNameSchema.optional(),
    recordFormat: recordFormatSchema,
    maxCorruptedRecordsToSkip: z.int().nonnegative().default(0),
  })
  .refine(
    ({ recordFormat, maxCorruptedRecordsToSkip }) => maxCorruptedRecordsToSkip === 0 || recordFormat === 'TFRecord',
    {
      path: ['maxCorruptedRecordsToSkip'],
      error:
        "only with recordFormat 'TFRecord' is the next record found after a bad one; a decoder has options of its own",
    },
  );

/**
 * The records of a channel in Pipe mode, with the arguments and defaults of Amazon's `PipeModeDataset`.
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
 * It is `channel(name).pipe(decode…())`: each subscription reads one epoch, the next that nobody has read, which is kept
 * in `stateDir` as `PipeModeDataset` keeps it, so either goes on where the other has stopped. Emits one `Uint8Array` a
 * record, or what the decoder makes. Order, memory and errors are those of `channel` and the decoder. Records that
 * `maxCorruptedRecordsToSkip` leaves out are told by a process warning when the subscription ends; one more in a row is an
 * error, and so are a length with a wrong checksum and a cut end, whatever was chosen. For a budget of all bad records, or
 * to be told of each, give `decodeTFRecord({ onBadRecord, maxBadRecords })` as the format.
 *
 * Throws at the call, as there: a ConfigError for bad options or when the job's `inputdataconfig.json` is missing or
 * invalid, a ChannelError when the job has no such channel or not in Pipe mode. Unsubscribing closes the FIFO.
 *
 * @see https://github.com/aws/sagemaker-tensorflow-extensions
 */
export function pipeModeDataset<const F extends RecordFormat | RecordDecoder = 'RecordIO'>(
  options: PipeModeDatasetOptions<F> = {},
): Observable<RecordsOf<F>> {
  requireOptions('pipeModeDataset', options, "{ recordFormat: 'TFRecord' }");
  const named = { ...options, recordFormat: options.recordFormat ?? DEFAULT_FORMAT };
  const { checked, decoder } = parseRecordOptions('pipeModeDataset', optionsSchema, named);
  const { channel: name, maxCorruptedRecordsToSkip, ...channelOptions } = checked;
  const bytes$ = channel(name, channelOptions);
  const directories = resolveDirectories(channelOptions);
  requireNoFileStart(decoder, findPipeChannel(directories, name).name, directories.pipeDir);
  const chosen = maxCorruptedRecordsToSkip > 0 ? skipCorrupted(maxCorruptedRecordsToSkip) : decoder;
  return bytes$.pipe(chosen as RecordDecoder<RecordsOf<F>>);
}

/** Decodes TFRecord, leaving out so many bad records in a row. */
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
  const limit = `more than ${maxInARow} corrupted records in a row (maxCorruptedRecordsToSkip)`;
  return new MillraceError(`pipeModeDataset: ${limit}; the last: ${error.message}`, { code: error.code, cause: error });
}
