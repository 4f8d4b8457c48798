import { ConfigError, FormatError } from '../../../src/base/errors.js';
import { toDenseSparse } from '../../../src/arrays/toDenseSparse.js';
import { encodeExample } from '../../../src/formats/example/encodeExample.js';
import { createExampleParser } from '../../../src/formats/example/exampleParser.js';
import { sparseFeature } from '../../../src/formats/example/features.js';
import { expectGoldenExamples, type GoldenExamples } from '../support/expectGoldenExamples.js';
import { fixtureJson } from '../support/fixtures.js';
import { thrownBy } from '../support/thrownBy.js';

const cases = fixtureJson('values/nd_sparse.json') as GoldenExamples[];
const matrix = sparseFeature({ indexKey: ['i', 'j'], valueKey: 'v', dtype: 'int64', size: [2, 3] });
const record = (i: number[], j: number[], v: number[]) =>
  encodeExample({ i: { int64List: i }, j: { int64List: j }, v: { int64List: v } });

describe('sparseFeature with several index keys', () => {
  it.each(cases)('parses as TensorFlow does: $name', expectGoldenExamples);

  it('becomes dense with toDenseSparse', () => {
    const { x } = createExampleParser({ x: matrix }).parseBatch([record([1, 0], [2, 1], [5, 6]), record([], [], [])]);
    expect(toDenseSparse(x)).toEqual({
      dtype: 'int64',
      shape: [2, 2, 3],
      data: BigInt64Array.of(0n, 6n, 0n, 0n, 0n, 5n, 0n, 0n, 0n, 0n, 0n, 0n),
    });
  });

  it('names the list whose length differs', () => {
    const parser = createExampleParser({ x: matrix });
    const error = thrownBy(FormatError, () => parser.parseSingle(record([1], [2, 1], [5])));
    expect(error.reason).toBe(
      'feature "x": expected equal numbers of indices and values, found 2 (in "j") and 1 (in "v")',
    );
  });

  it('requires one length for each key', () => {
    const features = { x: { ...matrix, size: 3 } };
    const error = thrownBy(ConfigError, () => createExampleParser(features));
    expect(error.path).toBe('x.size');
    expect(error.message).toContain('expected one length for each name in indexKey');
  });
});
