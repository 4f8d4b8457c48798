import assert from 'node:assert/strict';
import { deflateSync, gzipSync } from 'node:zlib';
import { from, lastValueFrom, tap, toArray } from 'rxjs';
import { decompress } from '../../../operators/decompress.js';
import { FormatError } from '../../../src/core/errors.js';
import type { Compression } from '../../../src/formats/sniffCompression.js';
import { inflateAll, type Inflated } from '../../formats/reference/inflateAll.js';
import { drawCuts, poisonedChunks, type Draw, type PoisonedChunks } from '../../support/poisonedChunks.js';
import type { FuzzTarget } from '../fuzzTarget.js';

function drawContent(draw: Draw): Buffer {
  const piece = Buffer.from(Array.from({ length: draw(12) }, () => draw(256)));
  return Buffer.concat(Array.from({ length: draw(draw(8) === 0 ? 20_000 : 20) }, () => piece));
}

function drawCompressed(draw: Draw): Uint8Array {
  const level = draw(10);
  if (draw(3) === 0) return new Uint8Array(deflateSync(drawContent(draw), { level }));
  const members = Array.from({ length: draw(4) }, () => gzipSync(drawContent(draw), { level }));
  return new Uint8Array(Buffer.concat([...members, Buffer.alloc(draw(4) === 0 ? draw(9) : 0)]));
}

/** What the operator makes of the chunks. */
export async function decompressed(
  { chunks, assertUntouched }: Pick<PoisonedChunks, 'chunks' | 'assertUntouched'>,
  format: Compression | 'auto',
): Promise<Inflated> {
  const outputs: Uint8Array[] = [];
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  let ending: Inflated['ending'] = 'end';
  try {
    await lastValueFrom(
      from(chunks).pipe(
        decompress(format),
        tap((chunk) => outputs.push(chunk)),
        toArray(),
      ),
    );
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    assert.ok(error.byteOffset >= 0 && error.byteOffset <= length, `offset ${error.byteOffset} of ${length}`);
    ending = error.kind as typeof ending;
  }
  assertUntouched();
  return { output: Buffer.concat(outputs), ending };
}

function assertAlike(found: Inflated, expected: Inflated, what: string): void {
  assert.equal(found.ending, expected.ending, what);
  const { length } = found.output;
  if (expected.ending === 'end') assert.equal(length, expected.output.length, what);
  // Of an input that fails, less may have come out than could have, or, where the fault lies in the data, more.
  const common = Math.min(length, expected.output.length);
  assert.ok(found.output.subarray(0, common).equals(expected.output.subarray(0, common)), what);
}

/** gzip and zlib through the operator, against what a whole input holds. */
export const decompressTarget: FuzzTarget = {
  name: 'decompress',
  weight: 2,
  seeds: [gzipSync('a b c d e f'), deflateSync('aaaaaaaaaaaaaaaaaaaa'), gzipSync('')].map(
    (each) => new Uint8Array(each),
  ),
  generate: drawCompressed,
  run: async (input, draw) => {
    const format = input[0] === 0x1f || draw(4) === 0 ? 'gzip' : 'zlib';
    const poisoned = poisonedChunks(input, draw(2) === 0 ? [] : drawCuts(input.length, draw), draw);
    assertAlike(await decompressed(poisoned, format), inflateAll(input, format), format);
    const found = await decompressed(poisoned, 'auto');
    const ways = [
      { output: Buffer.from(input), ending: 'end' as const },
      inflateAll(input, 'gzip'),
      inflateAll(input, 'zlib'),
    ];
    assert.ok(
      ways.some((way) => {
        try {
          assertAlike(found, way, 'auto');
          return true;
        } catch {
          return false;
        }
      }),
      'auto took it for something else',
    );
  },
};
