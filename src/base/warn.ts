import { printable } from './printable.js';

/** The codes of this package's warnings, for `process.on('warning')`. */
export type MillraceWarningCode =
  | 'MILLRACE_OVERRUN'
  | 'MILLRACE_SILENT_FIFO'
  | 'MILLRACE_SILENT_WORKER'
  | 'MILLRACE_SKIPPED_EPOCH'
  | 'MILLRACE_MULTIPART'
  | 'MILLRACE_UNCLOSED'
  | 'MILLRACE_CACHE_INCOMPLETE'
  | 'MILLRACE_SNAPSHOT_INCOMPLETE'
  | 'MILLRACE_BAD_RECORDS'
  | 'MILLRACE_WORKER_ENDED'
  | 'MILLRACE_COPIES'
  | 'MILLRACE_LABEL_SHAPE'
  | 'MILLRACE_EMPTY_INPUT'
  | 'MILLRACE_FRUITLESS'
  | 'MILLRACE_COMPRESSION'
  | 'MILLRACE_LEFT_OUT'
  | 'MILLRACE_REPEATED_HEADER'
  | 'MILLRACE_UPLOAD_LEFT'
  | 'MILLRACE_REPORT_FILE';

export function warn(code: MillraceWarningCode, message: string): void {
  process.emitWarning(printable(message), { type: 'MillraceWarning', code });
}
