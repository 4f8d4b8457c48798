import { createExampleParser } from '../../../src/formats/example/exampleParser.js';
import { expectGoldenExamples, type GoldenExamples } from '../support/expectGoldenExamples.js';
import { fixtureJson, fromBase64 } from '../support/fixtures.js';
import { goldenFeatures } from '../support/goldenFeatures.js';
import { goldenEntries } from '../support/goldenValue.js';

const cases = fixtureJson('example/cases.json') as GoldenExamples[];

/** TensorFlow's fast parser rejects this legal protobuf. */
const ACCEPTED_HERE = 'packed and unpacked mixed in one list';

describe('createExampleParser', () => {
  it.each(cases.filter(({ name }) => name !== ACCEPTED_HERE))('parses as TensorFlow does: $name', (golden) => {
    expectGoldenExamples({ ...golden, features: goldenFeatures(golden.features) });
  });

  it(`accepts what protobuf allows: ${ACCEPTED_HERE}`, () => {
    const { serialized, features } = cases.find(({ name }) => name === ACCEPTED_HERE)!;
    const [x] = goldenEntries(createExampleParser(features).parseSingle(fromBase64(serialized[0]!)));
    expect(x).toEqual(['i', { kind: 'dense', dtype: 'int64', shape: [3], values: ['1', '2', '3'] }]);
  });
});
