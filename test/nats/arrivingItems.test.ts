import { describe, expect, it } from '@jest/globals';
import { ANSWER_BYTES, decodePiece, encodeAnswer, type Piece } from '../../src/nats/protocol.js';
import { ArrivingItems } from '../../src/nats/trainer/arrivingItems.js';

const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
const items = [bytes(20_000, 1), bytes(5, 2), bytes(9000, 3)];

function piecesOf(found: readonly Uint8Array[], item = 7, offset = 0): Piece[] {
  return encodeAnswer(found, { item, offset }).map((piece) => decodePiece(piece) as Piece);
}

const arrivingAt = (item: number, more = { moreItems: 2, moreBytes: 9005 }): ArrivingItems =>
  new ArrivingItems({ item, roomBytes: 20_000, ...more });

describe('ArrivingItems', () => {
  it('receives an item and those that follow it in one answer, which ends with the last piece', () => {
    const arriving = arrivingAt(7);
    const ends = piecesOf(items).map((piece) => arriving.receive(piece));
    expect(ends.indexOf(true)).toBe(ends.length - 1);
    expect([arriving.first.complete(), ...arriving.further()]).toEqual(items);
  });

  it('receives an item in several answers', () => {
    const item = bytes(ANSWER_BYTES + 10, 4);
    const arriving = arrivingAt(0, { moreItems: 0, moreBytes: 0 });
    expect(
      piecesOf([item], 0)
        .map((piece) => arriving.receive(piece))
        .at(-1),
    ).toBe(true);
    expect(arriving.first.isComplete).toBe(false);
    arriving.first.grow();
    expect(piecesOf([item], 0, arriving.first.filled).map((piece) => arriving.receive(piece))).toEqual([true]);
    expect(Buffer.compare(arriving.first.complete(), item)).toBe(0);
  });

  it('does not end after a lost piece, and keeps the complete items', () => {
    const pieces = piecesOf(items);
    for (let lost = 0; lost < pieces.length; lost++) {
      const arriving = arrivingAt(7);
      const rest = pieces.toSpliced(lost, 1);
      expect(rest.map((piece) => arriving.receive(piece))).not.toContain(true);
      const complete = arriving.first.isComplete ? [arriving.first.complete(), ...arriving.further()] : [];
      expect(items.slice(0, complete.length)).toEqual(complete);
    }
  });

  it('learns that there are no more items', () => {
    const arriving = arrivingAt(7);
    expect(piecesOf([]).map((piece) => arriving.receive(piece))).toEqual([true]);
    expect(arriving.isEnd).toBe(true);
  });

  it.each([
    ['items', { moreItems: 1, moreBytes: 1e6 }],
    ['bytes', { moreItems: 2, moreBytes: 9004 }],
  ])('throws if there are more %s than it has requested', (_, more) => {
    const arriving = arrivingAt(7, more);
    expect(() => piecesOf(items).map((piece) => arriving.receive(piece))).toThrow('more items than were requested');
  });
});
