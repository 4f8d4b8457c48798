import assert from 'node:assert/strict';
import { brotliCompressSync, brotliDecompressSync, deflateSync, gzipSync } from 'node:zlib';
import { from, lastValueFrom, tap, toArray } from 'rxjs';
import { decompress } from '../../../operators/decompress.js';
import { FormatError } from '../../../src/base/errors.js';
import type { Compression } from '../../../src/formats/compression/sniffCompression.js';
import { inflateAll, type Inflated } from '../../formats/reference/inflateAll.js';
import { drawCuts, poisonedChunks, type Draw, type PoisonedChunks } from '../../support/poisonedChunks.js';
import type { FuzzTarget } from '../fuzzTarget.js';
import { replaced } from '../mutations.js';

function drawContent(draw: Draw): Buffer {
  const piece = Buffer.from(Array.from({ length: draw(12) }, () => draw(256)));
  return Buffer.concat(Array.from({ length: draw(draw(8) === 0 ? 20_000 : 20) }, () => piece));
}

function drawCompressed(draw: Draw): Uint8Array {
  if (draw(5) === 0) return new Uint8Array(brotliCompressSync(drawContent(draw)));
  const level = draw(10);
  if (draw(3) === 0) return new Uint8Array(deflateSync(drawContent(draw), { level }));
  const members = Array.from({ length: draw(4) }, () => gzipSync(drawContent(draw), { level }));
  return new Uint8Array(Buffer.concat([...members, Buffer.alloc(draw(4) === 0 ? draw(9) : 0)]));
}

/** The start decides how the data is read. The end contains the checksums and padding. */
function mutateEnds(input: Uint8Array, draw: Draw): Uint8Array {
  const byte = Uint8Array.of([0, 0, 1, 0x1f, 0x8b, draw(256)][draw(6)]!);
  if (draw(2) === 0) return replaced(input, input.length, input.length, byte);
  const at = Math.max(0, draw(2) === 0 ? draw(12) : input.length - 1 - draw(8));
  return replaced(input, at, at + 1, byte);
}

/** Returns the output of the operator. */
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
  // For an invalid input, the operator may emit less or, after a fault in the data, more.
  const common = Math.min(length, expected.output.length);
  assert.ok(found.output.subarray(0, common).equals(expected.output.subarray(0, common)), what);
}

async function checkBrotli(poisoned: PoisonedChunks, input: Uint8Array): Promise<void> {
  const found = await decompressed(poisoned, 'brotli');
  if (found.ending !== 'end' || input.length === 0) return;
  // Zeros after the data are padding.
  assert.ok(found.output.equals(brotliDecompressSync(input)), 'brotli');
}

/** The operator with gzip, zlib and brotli, against a decompression of the whole input. */
export const decompressTarget: FuzzTarget = {
  name: 'decompress',
  weight: 2,
  seeds: [gzipSync('a b c d e f'), deflateSync('aaaaaaaaaaaaaaaaaaaa'), gzipSync('')].map(
    (each) => new Uint8Array(each),
  ),
  generate: drawCompressed,
  mutate: mutateEnds,
  run: async (input, draw) => {
    const format = input[0] === 0x1f || draw(4) === 0 ? 'gzip' : 'zlib';
    const poisoned = poisonedChunks(input, draw(2) === 0 ? [] : drawCuts(input.length, draw), draw);
    assertAlike(await decompressed(poisoned, format), inflateAll(input, format), format);
    await checkBrotli(poisoned, input);
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
