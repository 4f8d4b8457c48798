import fc from 'fast-check';
import { faultyBytes } from '../../../src/agent/pipes/faultyBytes.js';
import type { BytesFault } from '../../../src/agent/job/pipeFault.js';

const signal = new AbortController().signal;

/** Yields chunks of these sizes, and the rest as the last chunk. */
async function* cutInto(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let offset = 0;
  for (const size of [...sizes, bytes.byteLength]) {
    yield await Promise.resolve(bytes.subarray(offset, (offset += size)));
  }
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const seen: Uint8Array[] = [];
  for await (const chunk of chunks) seen.push(chunk);
  return Buffer.concat(seen);
}

const play = (bytes: Uint8Array, sizes: readonly number[], ...faults: BytesFault[]) =>
  collect(faultyBytes(cutInto(bytes, sizes), faults, signal));

const epoch = fc.record({
  bytes: fc.uint8Array({ minLength: 1, maxLength: 50 }),
  sizes: fc.array(fc.nat(20), { maxLength: 6 }),
  at: fc.nat(49),
});
const channel = 'train';

describe('faultyBytes', () => {
  it('cuts after the given number of bytes, for every way to cut chunks', async () => {
    await fc.assert(
      fc.asyncProperty(epoch, async ({ bytes, sizes, at }) => {
        fc.pre(at < bytes.byteLength);
        const cut = await play(bytes, sizes, { kind: 'cut', channel, afterBytes: at });
        expect(cut.equals(bytes.subarray(0, at))).toBe(true);
      }),
    );
  });

  it('inverts one bit in a copy', async () => {
    await fc.assert(
      fc.asyncProperty(epoch, fc.nat(7), async ({ bytes, sizes, at }, bit) => {
        fc.pre(at < bytes.byteLength);
        const before = Buffer.from(bytes);
        const flipped = await play(bytes, sizes, { kind: 'flip', channel, atByte: at, bit });
        expect(before.equals(bytes)).toBe(true);
        const expected = Buffer.from(bytes);
        expected[at]! ^= 1 << bit;
        expect(flipped.equals(expected)).toBe(true);
      }),
    );
  });

  it('sends all bytes, a few at a time', async () => {
    const chunks = cutInto(Buffer.from('0123456789'), [3, 4]);
    const seen: string[] = [];
    for await (const chunk of faultyBytes(chunks, [{ kind: 'trickle', channel, bytes: 2, everyMs: 0 }], signal)) {
      seen.push(String(chunk));
    }
    expect(seen).toEqual(['01', '2', '34', '56', '78', '9']);
  });

  it('stalls after the given number of bytes until the agent closes, and releases its source', async () => {
    const closing = new AbortController();
    let isReleased = false;
    async function* endless() {
      try {
        for (;;) yield await Promise.resolve(Buffer.from('abc'));
      } finally {
        isReleased = true;
      }
    }
    const stalled = faultyBytes(endless(), [{ kind: 'stall', channel, afterBytes: 4 }], closing.signal);
    const chunks = stalled[Symbol.asyncIterator]();
    expect([String((await chunks.next()).value), String((await chunks.next()).value)]).toEqual(['abc', 'a']);
    const after = chunks.next();
    const isSettled = await Promise.race([after.then(() => true), new Promise(setImmediate).then(() => false)]);
    expect({ isSettled, isReleased }).toEqual({ isSettled: false, isReleased: true });
    closing.abort();
    expect((await after).done).toBe(true);
  });

  it('applies faults in the order of the list', async () => {
    const flip = { kind: 'flip', channel, atByte: 1, bit: 5 } as const;
    const cut = { kind: 'cut', channel, afterBytes: 3 } as const;
    expect(String(await play(Buffer.from('abcdef'), [2], flip, cut))).toBe('aBc');
    await expect(play(Buffer.from('abcdef'), [2], cut, { ...flip, atByte: 4 })).rejects.toThrow(
      'the epoch has only 3 bytes',
    );
  });

  it.each([
    [
      'cut at its end',
      { kind: 'cut', channel, afterBytes: 6 },
      'the epoch has only 6 bytes, too few for this fault (cut after 6 bytes',
    ],
    [
      'stalled',
      { kind: 'stall', channel, afterBytes: 7 },
      'the epoch has only 6 bytes, too few for this fault (stalled after 7',
    ],
    [
      'changed',
      { kind: 'flip', channel, atByte: 6, bit: 0 },
      'the epoch has only 6 bytes, too few for this fault (changed at byte 6',
    ],
  ] as const)('fails if the epoch ends before it can be %s', async (_, fault, message) => {
    await expect(play(Buffer.from('abcdef'), [1], fault)).rejects.toMatchObject({
      code: 'ERR_AGENT',
      message: expect.stringContaining(message),
    });
  });
});
