import { ConfigError, FormatError } from '../../../src/base/errors.js';
import { toDense } from '../../../src/arrays/toDense.js';
import { createExampleParser } from '../../../src/formats/example/exampleParser.js';
import { raggedFeature, type Features } from '../../../src/formats/example/features.js';
import { createSequenceExampleParser } from '../../../src/formats/example/sequenceExampleParser.js';
import { JsonParser } from '../../../src/formats/json/jsonParser.js';
import { encodeExample } from '../../../src/formats/example/encodeExample.js';
import { expectGoldenExamples, type GoldenExamples } from '../support/expectGoldenExamples.js';
import { fixtureJson } from '../support/fixtures.js';
import { thrownBy } from '../support/thrownBy.js';

const cases = fixtureJson('values/partitions.json') as GoldenExamples[];

/** In a batch, TensorFlow ignores the first row split. */
const REFUSED_HERE = 'a first split of 1';

const record = (v: number[], p: number[]) => encodeExample({ v: { int64List: v }, p: { int64List: p } });
const x = (partition: string) => raggedFeature('int64', { valueKey: 'v', partitions: [{ [partition]: 'p' } as never] });

describe('raggedFeature with partitions', () => {
  it.each(cases)('parses as TensorFlow does: $name', (golden) => {
    expectGoldenExamples(golden.name === REFUSED_HERE ? { ...golden, batch: { error: 'refused here' } } : golden);
  });

  it('becomes dense with toDense', () => {
    const features = { x: raggedFeature('int64', { as: 'int32', valueKey: 'v', partitions: [{ rowLengths: 'p' }] }) };
    const parsed = createExampleParser(features).parseBatch([record([1, 2, 3], [2, 1]), record([4], [0, 1])]);
    expect(toDense(parsed.x)).toEqual({
      dtype: 'int32',
      shape: [2, 2, 2],
      data: Int32Array.of(1, 2, 3, 0, 0, 0, 4, 0),
    });
  });

  it('names the record, the partition and both numbers', () => {
    const parser = createExampleParser({ x: x('rowLengths') });
    const error = thrownBy(FormatError, () => parser.parseBatch([record([1], [1]), record([1, 2], [1, 2])], 3));
    expect(error.recordIndex).toBe(4);
    expect(error.reason).toBe('feature "x": expected rowLengths in "p" for 2 values, found [1, 2]');
    const uniform = createExampleParser({ v: raggedFeature('int64', { partitions: [{ uniformRowLength: 2 }] }) });
    expect(() => uniform.parseSingle(record([1], []))).toThrow(
      'feature "v": expected a multiple of 2 values (uniformRowLength), found 1',
    );
  });

  it.each(['rowSplits', 'rowLengths', 'rowStarts', 'rowLimits', 'valueRowIds'])(
    'refuses huge numbers in %s',
    (kind) => {
      const parser = createExampleParser({ x: x(kind) });
      for (const p of [[2 ** 40], [0, 2 ** 40], [-1], [2 ** 40, -(2 ** 40)]]) {
        expect(() => parser.parseSingle(record([5], p))).toThrow(FormatError);
      }
    },
  );

  it.each([
    [{ rowLengths: 'p', rowSplits: 'p' }],
    [{ uniformRowLength: 0 }],
    [{ rowLength: 'p' }],
    [{ rowLengths: 3 }],
    ['rowLengths'],
  ])('refuses the partition %j', (partition) => {
    const features = { x: { kind: 'ragged', dtype: 'int64', partitions: [partition] } } as unknown as Features;
    expect(thrownBy(ConfigError, () => createExampleParser(features)).path).toContain('x.partitions[0]');
  });

  it('is refused where it has no effect', () => {
    const partitioned = { x: x('rowLengths') };
    expect(() => createSequenceExampleParser({ context: {}, sequence: partitioned })).toThrow(
      'sequence.x.valueKey: parseSequenceExample supports this option only for features of the context',
    );
    expect(() => new JsonParser(partitioned)).toThrow('x.valueKey: decodeJson does not support this option');
  });
});
