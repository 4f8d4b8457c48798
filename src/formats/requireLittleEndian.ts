import { endianness } from 'node:os';
import { MillraceError } from '../base/errors.js';

/** Rejects big-endian machines. The formats are little-endian, and typed arrays have the byte order of the machine. */
export function requireLittleEndian(): void {
  if (endianness() === 'LE') return;
  throw new MillraceError(
    'expected a little-endian machine, found a big-endian one: Millrace copies numbers without conversion',
    {
      code: 'ERR_PLATFORM',
    },
  );
}
