import { endianness } from 'node:os';
import { MillraceError } from '../base/errors.js';

/** Throws on big-endian machines, because these formats are little-endian and typed arrays are not converted. */
export function requireLittleEndian(): void {
  if (endianness() === 'LE') return;
  throw new MillraceError(
    'numbers are copied without conversion: expected a little-endian machine, found a big-endian one',
    {
      code: 'ERR_PLATFORM',
    },
  );
}
