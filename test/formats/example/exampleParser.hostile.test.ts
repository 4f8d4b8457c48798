import fc from 'fast-check';
import { FormatError } from '../../../src/base/errors.js';
import { createExampleParser, type ExampleParser } from '../../../src/formats/example/exampleParser.js';
import type { Features } from '../../../src/formats/example/features.js';
import { fixtureJson, fromBase64 } from '../support/fixtures.js';
import { goldenFeatures } from '../support/goldenFeatures.js';
import { goldenEntries } from '../support/goldenValue.js';
import { thrownBy } from '../support/thrownBy.js';
import { runs } from '../../support/runs.js';

interface Case {
  readonly features: Features;
  readonly serialized: readonly string[];
}

/** Every golden record with its parser. */
const samples = (fixtureJson('example/cases.json') as Case[]).flatMap(({ features, serialized }) => {
  const parser = createExampleParser(goldenFeatures(features));
  return serialized.map((record) => ({ parser, record: fromBase64(record) }));
});
const short = samples.filter(({ record }) => record.length < 300);

/** Returns the record as a view on a larger memory that is filled with one byte. */
function poisoned(record: Uint8Array, poison: number): Uint8Array {
  const memory = new Uint8Array(record.length + 64).fill(poison);
  memory.set(record, 32);
  return memory.subarray(32, 32 + record.length);
}

/** Returns the result of parsing as text. Rethrows errors other than FormatError. */
function outcome(parser: ExampleParser<Features>, record: Uint8Array): string {
  try {
    return JSON.stringify(goldenEntries(parser.parseBatch([record, record])));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    expect(error.byteOffset).toBeGreaterThanOrEqual(0);
    expect(error.byteOffset).toBeLessThanOrEqual(record.length);
    return error.message;
  }
}

/** Asserts that the result for a record depends only on the record. */
function expectBounded(parser: ExampleParser<Features>, record: Uint8Array): void {
  const alone = outcome(parser, record);
  expect(outcome(parser, poisoned(record, 0x00))).toBe(alone);
  expect(outcome(parser, poisoned(record, 0xff))).toBe(alone);
  expect(outcome(parser, poisoned(record, 0x0a))).toBe(alone);
}

const mutation = fc.record({
  sample: fc.constantFrom(...short),
  changes: fc.array(fc.record({ at: fc.nat(1000), byte: fc.oneof(fc.nat(255), fc.constantFrom(0x7f, 0x80, 0xff)) }), {
    minLength: 1,
    maxLength: 4,
  }),
  cut: fc.option(fc.nat(1000)),
});

describe('createExampleParser, given bad records', () => {
  it('fails with a FormatError and reads nothing outside the record for any change in it', () => {
    fc.assert(
      fc.property(mutation, ({ sample, changes, cut }) => {
        const record = sample.record.slice();
        for (const { at, byte } of changes) if (record.length > 0) record[at % record.length] = byte;
        expectBounded(sample.parser, cut === null ? record : record.subarray(0, cut % (record.length + 1)));
      }),
      { numRuns: runs(3000) },
    );
  });

  it('fails with a FormatError and reads nothing outside the record for any bytes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...short), fc.uint8Array({ maxLength: 60 }), ({ parser }, record) => {
        expectBounded(parser, record);
      }),
      { numRuns: runs(1000) },
    );
  });

  it('takes every beginning of a record for a record or for a bad one', () => {
    for (const { parser, record } of short) {
      for (let length = 0; length < record.length; length++) expectBounded(parser, record.slice(0, length));
    }
  });

  it('finds a record that was cut inside its features truncated', () => {
    for (const { parser, record } of short) {
      // The record is one message of features, so every cut is inside the message.
      if (record[0] !== 0x0a || record.length !== record[1]! + 2) continue;
      for (let length = 1; length < record.length; length++) {
        const cut = () => parser.parseSingle(record.slice(0, length));
        expect(thrownBy(FormatError, cut).kind).toBe('truncated');
      }
    }
  });
});
