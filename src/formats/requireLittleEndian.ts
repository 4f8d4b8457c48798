import { endianness } from 'node:os';
import { MillraceError } from '../base/errors.js';

/** The formats are little-endian, and typed arrays have the byte order of the machine. */
export function requireLittleEndian(): void {
  if (endianness() === 'LE') return;
  throw new MillraceError(
    'numbers are copied without conversion: expected a little-endian machine, found a big-endian one',
    {
      code: 'ERR_PLATFORM',
    },
  );
}
