import { FormatError } from '../../../src/base/errors.js';
import { createExampleParser } from '../../../src/formats/example/exampleParser.js';
import type { Features } from '../../../src/formats/example/features.js';
import { fixtureJson, fromBase64 } from '../support/fixtures.js';
import { goldenFeatures } from '../support/goldenFeatures.js';
import { goldenEntries, sortedEntries } from '../support/goldenValue.js';

type Expected = { readonly ok: Record<string, unknown> } | { readonly error: string };

interface Case {
  readonly name: string;
  readonly features: Features;
  readonly serialized: readonly string[];
  readonly single: readonly Expected[];
  readonly batch: Expected;
}

const cases = fixtureJson('example/cases.json') as Case[];

/** TensorFlow's fast parser rejects this legal protobuf. */
const ACCEPTED_HERE = 'packed and unpacked mixed in one list';

function expectOutcome(parse: () => object, expected: Expected): void {
  if ('ok' in expected) expect(goldenEntries(parse())).toEqual(sortedEntries(Object.entries(expected.ok)));
  else expect(parse).toThrow(FormatError);
}

describe('createExampleParser', () => {
  it.each(cases.filter(({ name }) => name !== ACCEPTED_HERE))('parses as TensorFlow does: $name', (golden) => {
    const records = golden.serialized.map(fromBase64);
    const parser = createExampleParser(goldenFeatures(golden.features));
    for (const [index, record] of records.entries()) {
      expectOutcome(() => parser.parseSingle(record), golden.single[index]!);
    }
    expectOutcome(() => parser.parseBatch(records), golden.batch);
  });

  it(`accepts what protobuf allows: ${ACCEPTED_HERE}`, () => {
    const { serialized, features } = cases.find(({ name }) => name === ACCEPTED_HERE)!;
    const [x] = goldenEntries(createExampleParser(features).parseSingle(fromBase64(serialized[0]!)));
    expect(x).toEqual(['i', { kind: 'dense', dtype: 'int64', shape: [3], values: ['1', '2', '3'] }]);
  });
});
