import { endianness } from 'node:os';
import { MillraceError } from '../base/errors.js';

/** The formats are little-endian, and typed arrays have the machine's byte order. */
export function requireLittleEndian(): void {
  if (endianness() === 'LE') return;
  throw new MillraceError(
    'expected a little-endian machine, found a big-endian one: use a different machine, because Millrace copies ' +
      'numbers without conversion',
    {
      code: 'ERR_PLATFORM',
    },
  );
}
