import { FormatError } from '../../../src/base/errors.js';
import { createExampleParser } from '../../../src/formats/example/exampleParser.js';
import type { Features } from '../../../src/formats/example/features.js';
import { fromBase64 } from './fixtures.js';
import { goldenEntries, sortedEntries } from './goldenValue.js';

type Expected = { readonly ok: Record<string, unknown> } | { readonly error: string };

/** Records, and what TensorFlow's parsers return for them. */
export interface GoldenExamples {
  readonly name: string;
  readonly features: Features;
  readonly serialized: readonly string[];
  readonly single: readonly Expected[];
  readonly batch: Expected;
}

/** Asserts that the parser returns the golden values, one by one and in a batch. */
export function expectGoldenExamples({ features, serialized, single, batch }: GoldenExamples): void {
  const records = serialized.map(fromBase64);
  const parser = createExampleParser(features);
  for (const [index, record] of records.entries()) expectOutcome(() => parser.parseSingle(record), single[index]!);
  expectOutcome(() => parser.parseBatch(records), batch);
}

function expectOutcome(parse: () => object, expected: Expected): void {
  if ('ok' in expected) expect(goldenEntries(parse())).toEqual(sortedEntries(Object.entries(expected.ok)));
  else expect(parse).toThrow(FormatError);
}
