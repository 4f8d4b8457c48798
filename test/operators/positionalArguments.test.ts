import { describe, expect, it } from '@jest/globals';
import { batch } from '../../operators/batch.js';
import { decodeCsv } from '../../operators/decodeCsv.js';
import { paddedBatch } from '../../operators/paddedBatch.js';
import { rebatch } from '../../operators/rebatch.js';
import { rejectionResample } from '../../operators/rejectionResample.js';
import { shuffle } from '../../operators/shuffle.js';
import { split } from '../../operators/split.js';
import { window } from '../../operators/window.js';
import { recordsFromFiles } from '../../src/pipeline/records/recordsFromFiles.js';
import { fromReadable } from '../../src/sources/fromReadable.js';

describe('an option with the name of an argument', () => {
  it.each<[string, () => unknown]>([
    ['batch', () => batch(0, { size: 3 } as object)],
    ['paddedBatch', () => paddedBatch(0, { size: 3 } as object)],
    ['rebatch', () => rebatch(0, { batchSize: 3 } as object)],
    ['rejectionResample', () => rejectionResample(() => 0, [], { targetDist: [1] } as object)],
    ['split', () => split({}, { part: 'a', parts: { a: 1 } } as never)],
    ['shuffle', () => shuffle(0, { bufferSize: 3 } as object)],
    ['window', () => window(0, { size: 3 } as object)],
    ['decodeCsv', () => decodeCsv([], { recordDefaults: ['int32'] } as object)],
    ['recordsFromFiles', () => recordsFromFiles('', { recordFormat: 'TFRecord', patterns: 'a' } as never)],
    ['fromReadable', () => fromReadable(1 as never, { stream: process.stdin } as object)],
  ])('does not replace the argument of %s', (_name, call) => {
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_CONFIG' }));
  });
});
