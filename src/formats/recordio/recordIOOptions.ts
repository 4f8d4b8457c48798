import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import type { FormatError } from '../../base/errors.js';
import { callback } from '../../base/parseOptions.js';
import { maxRecordBytesSchema } from '../framing/recordLimits.js';

/**
 * How the parts of a record are joined. `concat` adds nothing between them, like SageMaker's readers. `dmlc` adds the
 * magic word 0xced7230a, which dmlc-core and MXNet remove when they split a record.
 */
export type RecordIOMultipart = 'concat' | 'dmlc';

/** Options of `RecordIOReader`. */
export interface RecordIOReaderOptions {
  /** How the parts of a record are joined. Default: `concat`. */
  readonly multipart?: RecordIOMultipart | undefined;
  /** The maximum size of a record in bytes, all parts together. Default: 256 MiB. */
  readonly maxRecordBytes?: number | undefined;
  /** Called once, at the first multi-part record. */
  readonly onMultipart?: (() => void) | undefined;
  /**
   * If set, the reader searches for the next valid header after bad bytes or a record over the limit. If the
   * function throws, `read()` throws the exception.
   */
  readonly onResync?: ((error: FormatError, skippedBytes: number) => void) | undefined;
}

export const multipartSchema = lazy(() =>
  z
    .enum(['concat', 'dmlc'])
    .describe(
      'The bytes to insert between the joined parts of a multi-part record: nothing ("concat"), or the magic word ("dmlc").',
    ),
);

export const recordIOOptionsSchema = lazy(() =>
  z.strictObject({
    multipart: multipartSchema().default('concat'),
    maxRecordBytes: maxRecordBytesSchema(),
    onMultipart: callback<() => void>().optional(),
    onResync: callback<(error: FormatError, skippedBytes: number) => void>().optional(),
  }),
);
