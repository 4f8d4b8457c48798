import { describe, expect, it } from '@jest/globals';
import { Ledger, Violation, type Pair } from '../../../scripts/soak/ledger.js';
import { encodeSoakRecord } from '../../../scripts/soak/soakRecord.js';

const RECORDS = 10;

const newLedger = (): Ledger => new Ledger({ countOf: (epoch) => (epoch === 1 ? 0 : RECORDS), shuffleBuffer: 4 });

const record = (channel: number, epoch: number, number: number): Uint8Array =>
  encodeSoakRecord({ channel, epoch, number }, new Uint8Array(100).fill(number));

const pair = (epoch: number, number: number): Pair => ({
  left: record(0, epoch, number),
  right: record(1, epoch, number),
});

function takeAll(ledger: Ledger, epoch: number, numbers: readonly number[]): void {
  for (const number of numbers) ledger.take(pair(epoch, number));
}

const IN_ORDER = Array.from({ length: RECORDS }, (_, number) => number);
const SHUFFLED = [3, 1, 0, 2, 7, 5, 4, 6, 9, 8];

/** Returns the error for pairs up to the end of the first epoch. */
function complaint(pairs: readonly Pair[]): string {
  const ledger = newLedger();
  try {
    for (const each of pairs) ledger.take(each);
    ledger.endBefore(1);
  } catch (error) {
    if (error instanceof Violation) return error.message;
    throw error;
  }
  return '';
}

const allOfEpoch0 = (): Pair[] => IN_ORDER.map((number) => pair(0, number));

describe('Ledger', () => {
  it('accepts epochs whose records have each come once, in any order that the buffer allows', () => {
    const ledger = newLedger();
    takeAll(ledger, 0, SHUFFLED);
    takeAll(ledger, 2, IN_ORDER);
    ledger.endBefore(3);
    expect(ledger.totals).toEqual({ pairs: 2 * RECORDS, bytes: 4 * RECORDS * 116, epochs: 3, cuts: 0 });
  });

  it('expects no more records of an epoch that was cut', () => {
    const ledger = newLedger();
    takeAll(ledger, 0, [1, 0]);
    ledger.cut();
    ledger.endBefore(2);
    takeAll(ledger, 2, SHUFFLED);
    ledger.endBefore(3);
    expect(ledger.totals).toMatchObject({ pairs: 2 + RECORDS, cuts: 1 });
  });

  it('reports a record that never came', () => {
    const pairs = allOfEpoch0();
    pairs.splice(6, 1);
    expect(complaint(pairs)).toBe('epoch 0, after 9 pairs: record 6 never arrived; 9 of 10 records arrived');
  });

  it('reports a record that came twice', () => {
    const pairs = allOfEpoch0();
    pairs.splice(6, 0, pair(0, 2));
    expect(complaint(pairs)).toBe('epoch 0, after 6 pairs: record 2 arrived twice');
  });

  it('reports a record that came too early for the buffer', () => {
    expect(complaint([pair(0, 4)])).toMatch(/record 4 arrived after 0 records, too early/);
  });

  it('reports a record that does not exist', () => {
    expect(complaint([...allOfEpoch0(), pair(0, 10)])).toMatch(/record 10 arrived, but the epoch has only 10 records/);
  });

  it('reports a record of an earlier epoch, and a missing record when the next epoch begins', () => {
    const ledger = newLedger();
    takeAll(ledger, 0, IN_ORDER);
    ledger.endBefore(1);
    expect(() => ledger.take(pair(0, 3))).toThrow(/record 3 of epoch 0 arrived after the end of its epoch/);
    expect(complaint([pair(0, 0), pair(2, 0)])).toMatch(/record 1 never arrived/);
  });

  it('reports records that were zipped wrongly', () => {
    expect(complaint([{ left: record(0, 0, 1), right: record(1, 0, 2) }])).toMatch(/zipped .*1.* with .*2/);
    expect(complaint([{ left: record(0, 0, 0), right: record(1, 2, 0) }])).toMatch(/zipped/);
    expect(complaint([{ left: record(1, 0, 0), right: record(0, 0, 0) }])).toMatch(/channel 1 arrived on channel 0/);
  });

  it('reports one wrong bit, and a record that was cut', () => {
    const damaged = pair(0, 0);
    damaged.right[60]! ^= 4;
    expect(complaint([damaged])).toMatch(/a record of 116 bytes: expected the checksum \d+, found \d+/);
    expect(complaint([{ ...pair(0, 0), left: record(0, 0, 0).subarray(0, 50) }])).toMatch(
      /a record of 50 bytes: expected the checksum/,
    );
    expect(complaint([{ ...pair(0, 0), left: new Uint8Array(3) }])).toMatch(
      /a record of 3 bytes is shorter than its header of 16 bytes/,
    );
  });
});
