import { endianness } from 'node:os';
import { MillraceError } from '../base/errors.js';

/** Refuses the few machines on which the bytes of a typed array are not in the order of these formats. */
export function requireLittleEndian(): void {
  if (endianness() === 'LE') return;
  throw new MillraceError('numbers are copied as they lie in the input, which takes a little-endian machine', {
    code: 'ERR_PLATFORM',
  });
}
