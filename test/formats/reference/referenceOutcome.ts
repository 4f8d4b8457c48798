import type { FormatErrorKind } from '../../../src/base/errors.js';

/** An error, as every reader of records reports it. */
export interface ReferenceError {
  readonly kind: FormatErrorKind;
  readonly byteOffset: number;
  readonly recordIndex: number;
}

/** What bytes hold, as a reference reader has it. */
export interface ReferenceOutcome<R = Uint8Array> {
  readonly records: readonly R[];
  /** What was passed over, where that was asked for. */
  readonly skipped: readonly (ReferenceError & { readonly bytes: number })[];
  readonly ending: 'end' | ReferenceError;
}
