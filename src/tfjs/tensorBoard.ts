import { appendFile, mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import type { ReportOperator } from '../../operators/report.js';
import { ChannelError } from '../base/errors.js';
import { localPath } from '../base/localPath.js';
import { parseOptions } from '../base/parseOptions.js';
import { reasonOfFailure } from '../base/reasonOfFailure.js';
import { warn } from '../base/warn.js';
import { encodeTFRecord } from '../formats/tfrecord/encodeTFRecord.js';
import { gaugesBetween } from './reportGauges.js';
import { encodeScalars, encodeVersion } from './tensorBoardEvent.js';

/** Options of {@link tensorBoard}. */
export interface TensorBoardOptions {
  /** `batch` also writes the loss and the metrics of each batch. Default: `epoch`. */
  readonly updateFreq?: 'epoch' | 'batch' | undefined;
  /** The operator `report()` of the pipeline. Its shares of time and its rate are written for each epoch. */
  readonly report?: Pick<ReportOperator, 'read'> | undefined;
}

/** The loss and the metrics of an epoch or a batch. */
export type TrainingLogs = Readonly<Record<string, unknown>>;

/** The callbacks that {@link tensorBoard} returns, for `callbacks` of `fitDataset`. */
export interface TensorBoardCallbacks {
  /** Writes the values of a batch if `updateFreq` is `batch`. */
  readonly onBatchEnd: (batch: number, logs?: TrainingLogs) => Promise<void>;
  /** Writes the values of an epoch. */
  readonly onEpochEnd: (epoch: number, logs?: TrainingLogs) => Promise<void>;
}

const optionsSchema = lazy(() =>
  z.strictObject({
    updateFreq: z.enum(['epoch', 'batch']).default('epoch'),
    report: z
      .custom<Pick<ReportOperator, 'read'>>(
        (value) => typeof (value as { read?: unknown } | null)?.read === 'function',
        'expected the result of report()',
      )
      .optional(),
  }),
);

const VALIDATION = 'val_';

/** Makes the names of files differ if a process trains several models in one folder. */
let filesOfProcess = 0;

/**
 * Writes the loss and the metrics of a training for TensorBoard, without tfjs-node. Pass the result as `callbacks`:
 *
 * ```ts
 * import { tensorBoard } from 'millrace/tfjs';
 *
 * const callbacks = tensorBoard('logs/run-1');
 * ```
 *
 * The folders and names are those of Keras: `train` and `validation`, with the scalars `epoch_loss`, `epoch_acc`, and
 * so on. `updateFreq: 'batch'` adds `batch_loss` to `train`. The option `report` adds `input/waiting`, `input/work` and
 * `input/training` (shares of the epoch's time, from 0 to 1) and `input/items_per_second` to `train`.
 *
 * Each call creates new files, and appends to them after each epoch or batch. The callbacks reject with a ChannelError
 * if a file cannot be written.
 *
 * @param logDir - a folder on this machine. It is created if necessary.
 * @throws ConfigError at the call if an argument is invalid.
 * @see https://www.tensorflow.org/tensorboard
 */
export function tensorBoard(logDir: string, options: TensorBoardOptions = {}): TensorBoardCallbacks {
  const folder = parseOptions('tensorBoard', localPath(), logDir);
  const { updateFreq, report } = parseOptions('tensorBoard', optionsSchema(), options, {
    form: "tensorBoard('logs', { updateFreq: 'batch' })",
  });
  const train = new EventFile(join(folder, 'train'));
  const validation = new EventFile(join(folder, 'validation'));
  let batches = 0;
  let reported = report?.read();
  let hasWarned = false;
  return {
    onBatchEnd: async (_batch, logs = {}) => {
      const step = batches++;
      if (updateFreq === 'epoch') return;
      const figures = Object.entries(logs).filter(([name]) => name !== 'batch' && name !== 'size');
      await train.append(step, named('batch_', Object.fromEntries(figures)));
    },
    onEpochEnd: async (epoch, logs = {}) => {
      const names = Object.keys(logs);
      const figuresOf = (isValidation: boolean): TrainingLogs =>
        Object.fromEntries(
          names
            .filter((name) => name.startsWith(VALIDATION) === isValidation)
            .map((name) => [isValidation ? name.slice(VALIDATION.length) : name, logs[name]]),
        );
      const now = report?.read();
      if (now?.subscriptions === 0 && !hasWarned) {
        hasWarned = true;
        warnOfReport();
      }
      const gauges = reported && now ? gaugesBetween(reported, now) : {};
      reported = now;
      await train.append(epoch, { ...named('epoch_', figuresOf(false)), ...gauges });
      await validation.append(epoch, named('epoch_', figuresOf(true)));
    },
  };
}

function warnOfReport(): void {
  const message =
    'tensorBoard: no pipeline with this report was read in the first epoch, so input/… is not written. Put the report at the end of the pipeline.';
  warn('MILLRACE_REPORT_FILE', message);
}

/** tfjs also passes values that are not numbers, such as tensors. */
function named(prefix: string, figures: TrainingLogs): Record<string, number> {
  const numbers = Object.entries(figures).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  return Object.fromEntries(numbers.map(([name, value]) => [prefix + name, value]));
}

/**
 * A file of TFRecords, one for each event. TensorBoard finds the file by its name. The first event contains the version
 * of the format.
 */
class EventFile {
  readonly #path: string;
  #isNew = true;

  constructor(folder: string) {
    const seconds = Math.floor(Date.now() / 1000);
    // TensorBoard reads the files in the order of their names, and does not return to an earlier one.
    const number = String(filesOfProcess++).padStart(6, '0');
    this.#path = join(folder, `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${number}.v2`);
  }

  async append(step: number, scalars: Readonly<Record<string, number>>): Promise<void> {
    if (Object.keys(scalars).length === 0) return;
    const wallTime = Date.now() / 1000;
    const events = [encodeTFRecord(encodeScalars(wallTime, step, scalars))];
    if (this.#isNew) events.unshift(encodeTFRecord(encodeVersion(wallTime)));
    try {
      if (this.#isNew) await mkdir(dirname(this.#path), { recursive: true });
      await appendFile(this.#path, Buffer.concat(events));
      this.#isNew = false;
    } catch (cause) {
      const message = `tensorBoard: cannot write ${this.#path}: ${reasonOfFailure(cause)}. Use another folder.`;
      const errno = (cause as NodeJS.ErrnoException).code;
      throw new ChannelError(message, { code: 'ERR_CHANNEL_IO', path: this.#path, errno, cause });
    }
  }
}
