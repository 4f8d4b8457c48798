import fc from 'fast-check';
import { scanDecimal, scanned } from '../../../src/formats/csv/scanDecimal.js';
import { decimals, nearMiddles } from '../support/decimals.js';
import { runs } from '../../support/runs.js';
describe('scanDecimal', () => {
  it('returns the nearest float64, or leaves the text to the caller', () => {
    fc.assert(
      fc.property(fc.oneof(decimals, nearMiddles, fc.double({ noNaN: true }).map(String)), (text) => {
        const end = scanDecimal(Buffer.from(`${text}\n`), 0);
        if (end < 0) return;
        expect(end).toBe(text.length);
        expect(scanned[0]).toBe(Number(text));
      }),
      { numRuns: runs(2000) },
    );
  });

  it.each(['0', '-0', '5.', '.5', '1e5', '1E-5', '1e+22', '9007199254740991', '0.000001', '1.000000000000000000e+00'])(
    'reads %s',
    (text) => {
      expect(scanDecimal(Buffer.from(`${text}\n`), 0)).toBe(text.length);
      expect(scanned[0]).toBe(Number(text));
    },
  );

  it.each(['', '-', '.', 'e5', '1e', '1e+', 'nan', '1e99999'])('leaves %j to the caller', (text) => {
    expect(scanDecimal(Buffer.from(`${text}\n`), 0)).toBe(-1);
  });
});
