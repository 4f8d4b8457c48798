import type { FormatErrorKind } from '../../../src/base/errors.js';

/** An error in the form of the readers. */
export interface ReferenceError {
  readonly kind: FormatErrorKind;
  readonly byteOffset: number;
  readonly recordIndex: number;
}

/** The result of a reference reader. */
export interface ReferenceOutcome<R = Uint8Array> {
  readonly records: readonly R[];
  /** The skipped records, if skipping was requested. */
  readonly skipped: readonly (ReferenceError & { readonly bytes: number })[];
  readonly ending: 'end' | ReferenceError;
}
