import { FormatError, type FormatErrorKind } from '../../src/base/errors.js';

const IS = {
  truncated: 'is truncated',
  checksum: 'is damaged, or has a different format',
  tooLarge: 'contains a record that is too large',
  malformed: 'does not follow its format',
} as const satisfies Record<FormatErrorKind, string>;

/** Adds the file, if known, to a FormatError without a file. Returns other errors unchanged. */
export function nameFile(error: unknown, path: string | undefined): unknown {
  if (path === undefined || !(error instanceof FormatError) || error.path !== undefined) return error;
  return error.inFile(path, `the file ${path} ${IS[error.kind]}: ${error.reason}`);
}

export function readInFile<T>(path: string | undefined, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw nameFile(error, path);
  }
}
