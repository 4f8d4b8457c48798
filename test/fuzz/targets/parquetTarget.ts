import assert from 'node:assert/strict';
import { parquetRead } from 'hyparquet';
import { seededRandom } from '../../../src/base/seededRandom.js';
import { FormatError } from '../../../src/base/errors.js';
import { joinValues } from '../../../src/formats/parquet/convertValues.js';
import { decodeColumn } from '../../../src/formats/parquet/decodeColumn.js';
import { decoding } from '../../../src/formats/parquet/parquetFault.js';
import {
  drawContent,
  readPages,
  UnknownEncoding,
  writePages,
  type PageContent,
  type PageLevels,
} from '../../formats/reference/parquetPages.js';
import type { Draw } from '../../support/poisonedChunks.js';
import type { FuzzTarget } from '../fuzzTarget.js';
import { replaced } from '../mutations.js';

const LEVELS: readonly PageLevels[] = [
  { maxDefinition: 0, maxRepetition: 0 },
  { maxDefinition: 1, maxRepetition: 0 },
  { maxDefinition: 3, maxRepetition: 1 },
];

/** The first byte of an input selects the levels. The second byte is the number of values and nulls. */
function drawInput(draw: Draw): Uint8Array {
  const index = draw(LEVELS.length);
  const content = drawContent(LEVELS[index]!, draw);
  const count = Math.max(content.definitions.length, index === 0 ? content.values.length : 0);
  return Uint8Array.of(index, count, ...writePages(content, LEVELS[index]!, draw));
}

/** Changes the bytes that are most likely in headers of pages and runs. */
function mutatePages(input: Uint8Array, draw: Draw): Uint8Array {
  const at = draw(input.length + 1);
  const bytes = [[0], [0x15], [0x2c], [0xff, 0xff, 0xff, 0xff, 0x0f], [0x80, 0x01], [2 * draw(60)], [draw(256)]][
    draw(7)
  ]!;
  return replaced(input, at, Math.min(input.length, at + draw(3)), Uint8Array.from(bytes));
}

async function decoded(bytes: Uint8Array, levels: PageLevels, valueCount: number): Promise<PageContent | undefined> {
  const column = { ...levels, element: { name: 'values', repetition_type: 'REQUIRED', type: 'INT32' } } as const;
  try {
    const chunk = { bytes, valueCount, decompress: (body: Uint8Array) => body };
    const { definitions, repetitions, parts } = await decoding('a page', () =>
      decodeColumn(parquetRead, column, chunk),
    );
    return {
      definitions: [...definitions],
      repetitions: [...repetitions],
      values: [...(joinValues(parts, 'int32') as Int32Array)],
    };
  } catch (error) {
    assert.ok(error instanceof FormatError, String(error));
    return undefined;
  }
}

function expected(bytes: Uint8Array, levels: PageLevels, count: number): PageContent | 'unknown' | undefined {
  try {
    return readPages(bytes, levels, count);
  } catch (error) {
    return error instanceof UnknownEncoding ? 'unknown' : undefined;
  }
}

/** The pages of a Parquet column, against a reference. */
export const parquetTarget: FuzzTarget = {
  name: 'Parquet',
  weight: 2,
  seeds: Array.from({ length: 12 }, (_, seed) => drawInput(seededRandom(seed, 5))),
  generate: drawInput,
  mutate: mutatePages,
  run: async (input, draw) => {
    const levels = LEVELS[(input[0] ?? 0) % LEVELS.length]!;
    const count = input[1] ?? 0;
    // A view, because column chunks are views.
    const before = draw(9);
    const memory = new Uint8Array(before + input.length);
    memory.set(input, before);
    const bytes = memory.subarray(before + Math.min(2, input.length));
    const outcome = expected(bytes, levels, count);
    const found = await decoded(bytes, levels, count);
    if (outcome !== 'unknown') assert.deepEqual(found, outcome);
  },
};
