import { z } from 'zod';
import type { FormatError } from '../../base/errors.js';
import { callback } from '../../base/parseOptions.js';
import { maxRecordBytesSchema } from '../framing/recordLimits.js';

/**
 * What stands between the parts of a multi-part record once they are joined: nothing (`concat`, as SageMaker's readers
 * do), or the magic word at which dmlc-core's writer cut them apart (`dmlc`).
 */
export type RecordIOMultipart = 'concat' | 'dmlc';

/** The options of a RecordIOReader. */
export interface RecordIOReaderOptions {
  /** Default `concat`. */
  readonly multipart?: RecordIOMultipart | undefined;
  /** The longest record that is accepted, all its parts together. Default 256 MiB. */
  readonly maxRecordBytes?: number | undefined;
  /** Called once, at the first multi-part record. */
  readonly onMultipart?: (() => void) | undefined;
  /**
   * Where given, the reader goes on after bytes that are no record, or one that is too large, at the next magic word that
   * begins one. Told of what was wrong, and of how many bytes were passed over; what it throws, `read()` throws.
   */
  readonly onResync?: ((error: FormatError, skippedBytes: number) => void) | undefined;
}

/** The schema of {@link RecordIOReaderOptions}. */
export const recordIOOptionsSchema = z.strictObject({
  multipart: z.enum(['concat', 'dmlc']).default('concat'),
  maxRecordBytes: maxRecordBytesSchema,
  onMultipart: callback<() => void>().optional(),
  onResync: callback<(error: FormatError, skippedBytes: number) => void>().optional(),
});
