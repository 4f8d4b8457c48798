import { endianness } from 'node:os';
import { MillraceError } from '../base/errors.js';

/** Rejects big-endian machines. The formats are little-endian. Typed arrays have the machine's byte order. */
export function requireLittleEndian(): void {
  if (endianness() === 'LE') return;
  throw new MillraceError(
    'expected a little-endian machine, found a big-endian one: Millrace copies numbers without conversion',
    {
      code: 'ERR_PLATFORM',
    },
  );
}
