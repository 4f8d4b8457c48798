import { printable } from './printable.js';

/** All codes of {@link MillraceError}, in the order of the table in `docs/errors.md`. */
export const MILLRACE_ERROR_CODES = [
  'ERR_CONFIG',
  'ERR_PLATFORM',
  'ERR_CHANNEL_NOT_FOUND',
  'ERR_CHANNEL_MODE',
  'ERR_CHANNEL_OPEN_TIMEOUT',
  'ERR_CHANNEL_IDLE_TIMEOUT',
  'ERR_CHANNEL_EMPTY',
  'ERR_CHANNEL_STATE',
  'ERR_CHANNEL_IO',
  'ERR_CHANNEL_CHANGED',
  'ERR_FORMAT_TRUNCATED',
  'ERR_FORMAT_CHECKSUM',
  'ERR_FORMAT_TOO_LARGE',
  'ERR_FORMAT_MALFORMED',
  'ERR_SHAPE',
  'ERR_VALUE',
  'ERR_EMPTY',
  'ERR_UNEVEN',
  'ERR_CARDINALITY',
  'ERR_OVERRUN',
  'ERR_WORKER',
  'ERR_AGENT',
  'ERR_OUTPUT',
] as const;

/** The code of a {@link MillraceError}. */
export type MillraceErrorCode = (typeof MILLRACE_ERROR_CODES)[number];

/** Options of {@link MillraceError}. */
export interface MillraceErrorOptions {
  readonly code: MillraceErrorCode;
  /** The underlying error. */
  readonly cause?: unknown;
}

const IS_OURS = Symbol.for('millrace.error');

/** The base class of all errors of this package. `docs/errors.md` lists codes and remedies. */
export class MillraceError extends Error {
  override readonly name: string = 'MillraceError';
  readonly code: MillraceErrorCode;

  /** Recognises errors of another copy of this package by their names. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
    if (typeof value !== 'object' || value === null || !(IS_OURS in value)) return false;
    return this === MillraceError || (value as unknown as Error).name === this.name;
  }

  /** @internal */
  [IS_OURS](): true {
    return true;
  }

  constructor(message: string, { code, cause }: MillraceErrorOptions) {
    super(printable(message), cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** An error in an argument or in a configuration file. Thrown when a function is called, or emitted as an error notification. */
export class ConfigError extends MillraceError {
  override readonly name = 'ConfigError';
  /** The path of the bad value, for example `channels.train.TrainingInputMode`. Empty for the whole value. */
  readonly path: string;

  constructor(message: string, { path, cause }: { readonly path: string; readonly cause?: unknown }) {
    super(message, { code: 'ERR_CONFIG', cause });
    this.path = path;
  }
}

/** The codes of a {@link ChannelError}. */
export type ChannelErrorCode = Extract<MillraceErrorCode, `ERR_CHANNEL_${string}`>;

/** Options of {@link ChannelError}. */
export interface ChannelErrorOptions {
  readonly code: ChannelErrorCode;
  /** The path of the FIFO, the file or the channel's state file, or a URL without its query. */
  readonly path: string;
  /** The system's error code, for example `ENOENT`. */
  readonly errno?: string | undefined;
  /** The HTTP status of a store's response, for example 403. */
  readonly status?: number | undefined;
  /** The existing channels, if the requested channel does not exist. */
  readonly channels?: readonly string[];
  readonly cause?: unknown;
}

/** An input or output error: a channel, FIFO, file or stored object cannot be found, opened, read or written. */
export class ChannelError extends MillraceError {
  override readonly name = 'ChannelError';
  override readonly code: ChannelErrorCode;
  readonly path: string;
  readonly errno: string | undefined;
  readonly status: number | undefined;
  readonly channels: readonly string[] | undefined;

  constructor(message: string, { code, path, errno, status, channels, cause }: ChannelErrorOptions) {
    super(message, { code, cause });
    this.code = code;
    this.path = path;
    this.errno = errno;
    this.status = status;
    this.channels = channels;
  }
}

/** The kinds of a {@link FormatError}. */
export type FormatErrorKind = 'truncated' | 'checksum' | 'tooLarge' | 'malformed';

const CODE_OF_KIND = {
  truncated: 'ERR_FORMAT_TRUNCATED',
  checksum: 'ERR_FORMAT_CHECKSUM',
  tooLarge: 'ERR_FORMAT_TOO_LARGE',
  malformed: 'ERR_FORMAT_MALFORMED',
} as const satisfies Record<FormatErrorKind, MillraceErrorCode>;

/** The codes of a {@link FormatError}. */
export type FormatErrorCode = (typeof CODE_OF_KIND)[FormatErrorKind];

/** Options of {@link FormatError}. */
export interface FormatErrorOptions {
  readonly kind: FormatErrorKind;
  /** The name of the format, for example `TFRecord`. */
  readonly format: string;
  /** The byte offset of the error from the start of the subscription. For `Example`: from the start of the record. */
  readonly byteOffset: number;
  /** The index of the bad record, from 0. */
  readonly recordIndex: number;
  /** The file that contains the record, if it is known. */
  readonly path?: string | undefined;
  /** The text in brackets at the end of the message. Default: the record and the byte offset. */
  readonly position?: string | undefined;
  readonly cause?: unknown;
}

/** An error in the bytes of a format. The message starts with the format and ends with the position. */
export class FormatError extends MillraceError {
  override readonly name = 'FormatError';
  override readonly code: FormatErrorCode;
  readonly kind: FormatErrorKind;
  readonly format: string;
  readonly byteOffset: number;
  readonly recordIndex: number;
  readonly path: string | undefined;
  /** The message without the format and the position. */
  readonly reason: string;

  constructor(message: string, options: FormatErrorOptions) {
    const { kind, format, byteOffset, recordIndex, path, cause } = options;
    const { position = `record ${recordIndex}, byte offset ${byteOffset}` } = options;
    super(`${format}: ${message}${position === '' ? '' : ` (${position})`}`, { code: CODE_OF_KIND[kind], cause });
    this.code = CODE_OF_KIND[kind];
    this.kind = kind;
    this.format = format;
    this.byteOffset = byteOffset;
    this.recordIndex = recordIndex;
    this.path = path;
    this.reason = message;
  }

  /** Returns a new error that names the file, with this error as its cause. */
  inFile(path: string, reason: string, position?: string): FormatError {
    const { kind, format, byteOffset, recordIndex } = this;
    return new FormatError(reason, { kind, format, byteOffset, recordIndex, path, position, cause: this });
  }
}

/** Options of {@link ShapeError}. */
export interface ShapeErrorOptions {
  /** The path in the structure, for example `x.image`. Empty for the value itself. */
  readonly path: string;
  readonly expected: readonly number[];
  readonly found: readonly number[];
}

/** An error about shapes that do not match. */
export class ShapeError extends MillraceError {
  override readonly name = 'ShapeError';
  readonly path: string;
  readonly expected: readonly number[];
  readonly found: readonly number[];

  constructor(message: string, { path, expected, found }: ShapeErrorOptions) {
    super(message, { code: 'ERR_SHAPE' });
    this.path = path;
    this.expected = expected;
    this.found = found;
  }
}

/** An error about a value that cannot be converted, for example an int64 outside the range of int32. */
export class ValueError extends MillraceError {
  override readonly name = 'ValueError';
  /** Like {@link ShapeErrorOptions.path}. */
  readonly path: string;

  constructor(message: string, { path, cause }: { readonly path: string; readonly cause?: unknown }) {
    super(message, { code: 'ERR_VALUE', cause });
    this.path = path;
  }
}
