import assert from 'node:assert/strict';
import { from } from 'rxjs';
import { FormatError } from '../../../src/base/errors.js';
import { poisonedChunks, type Draw, type PoisonedChunks } from '../../support/poisonedChunks.js';
import type { FramedFormat, OnSkipped } from './framedFormats.js';
import type { ReferenceError, ReferenceOutcome } from './referenceOutcome.js';

type Record = Uint8Array | string;
type Skipped = ReferenceOutcome['skipped'][number];

/** Reads all chunks. Rethrows errors other than FormatError. */
type ReadChunks = (chunks: readonly Uint8Array[], onSkipped: OnSkipped, take: (record: Record) => void) => void;

function placeOf({ kind, byteOffset, recordIndex }: FormatError): ReferenceError {
  return { kind, byteOffset, recordIndex };
}

/** Returns the whole result. Copies records at the end, to detect reused memory. */
function outcomeOf(
  { chunks, assertInside, assertUntouched }: PoisonedChunks,
  read: ReadChunks,
): ReferenceOutcome<Record> {
  const records: Record[] = [];
  const skipped: Skipped[] = [];
  let ending: ReferenceOutcome['ending'] = 'end';
  try {
    read(
      chunks,
      (error, bytes) => skipped.push({ ...placeOf(error), bytes }),
      (record) => records.push(record),
    );
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    ending = placeOf(error);
  }
  assertUntouched();
  records.forEach(assertInside);
  return { records, skipped, ending };
}

/** Converts bytes to text, which is compared fast and printed readably. */
function plain({ records, skipped, ending }: ReferenceOutcome<Record>): string {
  const texts = records.map((record) => {
    return typeof record === 'string' ? `text ${record}` : Buffer.from(record).toString('latin1');
  });
  return JSON.stringify({ records: texts, skipped, ending });
}

/**
 * Fails if a reader or operator returns another result than the reference for any way of cutting the input.
 *
 * @param cuts - for each way, the positions of the cuts.
 */
export function assertReadsAlike<R>(
  format: FramedFormat<R>,
  input: Uint8Array,
  { rules, draw, cuts }: { readonly rules: R; readonly draw: Draw; readonly cuts: Iterable<readonly number[]> },
): void {
  const expected = plain(format.reference(input, rules));
  const byReader: ReadChunks = (chunks, onSkipped, take) => {
    const reader = format.createReader(rules, onSkipped);
    for (const chunk of chunks) {
      reader.push(chunk);
      for (let record = reader.read(); record !== undefined; record = reader.read()) take(record);
    }
    const last = reader.end();
    if (last !== undefined) take(last);
  };
  const byOperator: ReadChunks = (chunks, onSkipped, take) => {
    let failure: Error | undefined;
    from(chunks)
      .pipe(format.operator(rules, onSkipped))
      .subscribe({
        next: take,
        error: (error: unknown) => {
          failure = error as Error;
        },
      });
    if (failure) throw failure;
  };
  for (const places of cuts) {
    const poisoned = poisonedChunks(input, places, draw);
    const found = plain(outcomeOf(poisoned, draw(8) === 0 ? byOperator : byReader));
    if (found === expected) continue;
    const how = `${format.name} ${JSON.stringify(rules)}, cut at [${places.join(', ')}]`;
    assert.fail(`${how}:\n expected ${expected}\n found    ${found}`);
  }
}
