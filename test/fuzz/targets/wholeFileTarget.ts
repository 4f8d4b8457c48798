import assert from 'node:assert/strict';
import { FormatError } from '../../../src/base/errors.js';
import { wholeFileFormat } from '../../../src/formats/wholeFile/wholeFileFormat.js';
import { drawMaxRecordBytes } from '../../formats/reference/framedFormats.js';
import { drawCuts, poisonedChunks } from '../../support/poisonedChunks.js';
import type { FuzzTarget } from '../fuzzTarget.js';

const FILE = { path: 'a' };

/** The reader of whole files: any cut of a file gives all its bytes, or the error of its limit. */
export const wholeFileTarget: FuzzTarget = {
  name: 'WholeFile',
  weight: 1,
  seeds: [new Uint8Array(0), Uint8Array.of(1, 2, 3)],
  run: (input, draw) => {
    const maxRecordBytes = drawMaxRecordBytes(draw);
    const poisoned = poisonedChunks(input, drawCuts(input.length, draw), draw);
    const reader = wholeFileFormat.readers({ maxRecordBytes } as never)(undefined, undefined, FILE);
    let found: unknown;
    try {
      for (const chunk of poisoned.chunks) {
        reader.push(chunk);
        assert.equal(reader.read(), undefined);
      }
      const record = reader.end();
      poisoned.assertInside(record?.bytes);
      found = record && { path: record.path, bytes: Buffer.from(record.bytes).toString('latin1') };
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      found = error.kind;
    }
    const whole = { ...FILE, bytes: Buffer.from(input).toString('latin1') };
    assert.deepEqual(found, input.length > maxRecordBytes ? 'tooLarge' : whole);
    poisoned.assertUntouched();
  },
};
