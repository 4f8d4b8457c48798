import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { FormatError } from '../../src/base/errors.js';
import { Inflater } from '../../src/formats/compression/inflater.js';

const members = [gzipSync('one'), gzipSync(''), gzipSync('two, two')];
const gzip = Buffer.concat(members);
const zlib = deflateSync('one, two, two');

interface Outcome {
  readonly text: string;
  readonly ending: unknown;
}

/** Decompresses chunks like `decompress`: the next chunk is written when the last one was consumed. */
function inflated(chunks: readonly Uint8Array[], format: 'gzip' | 'zlib'): Promise<Outcome> {
  return new Promise((resolve) => {
    const rest = [...chunks];
    const outputs: Uint8Array[] = [];
    let isEnded = false;
    let isOver = false;
    const settle = (ending: unknown): void => {
      isOver = true;
      inflater.close();
      resolve({ text: Buffer.concat(outputs).toString(), ending });
    };
    const step = (): void => {
      if (isOver) return;
      try {
        for (let output = inflater.read(); output; output = inflater.read()) outputs.push(output);
        if (!inflater.isIdle) return;
        const next = rest.shift();
        if (next) inflater.write(next);
        else if (!isEnded) {
          isEnded = true;
          inflater.end();
        }
        if (isEnded && inflater.isIdle) settle('complete');
      } catch (error) {
        settle(error);
      }
    };
    const inflater = new Inflater(format, () => queueMicrotask(step));
    step();
  });
}

/** All ways to cut bytes into two and three chunks. */
function* cutsOf(bytes: Uint8Array): Generator<Uint8Array[]> {
  for (let first = 1; first < bytes.length; first++) {
    yield [bytes.subarray(0, first), bytes.subarray(first)];
    for (let second = first + 1; second < bytes.length; second++) {
      yield [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
    }
  }
}

const faultOf = ({ ending }: Outcome) => {
  if (!(ending instanceof FormatError)) throw new Error(`expected a FormatError, found ${String(ending)}`);
  const { kind, byteOffset, message } = ending;
  return { kind, byteOffset, isApproximate: message.includes('The offset is approximate') };
};

describe('Inflater, for each cut into two and three chunks', () => {
  it.each([
    ['gzip', gzip, 'onetwo, two'],
    ['zlib', zlib, 'one, two, two'],
  ] as const)('decompresses %s', async (format, bytes, text) => {
    for (const chunks of cutsOf(bytes)) expect(await inflated(chunks, format)).toEqual({ text, ending: 'complete' });
  });

  it.each([
    ['gzip', gzipSync('some text')],
    ['zlib', deflateSync('some text')],
  ] as const)('reports a wrong checksum of %s, after the output', async (format, sound) => {
    const damaged = Buffer.from(sound);
    damaged[damaged.length - (format === 'gzip' ? 8 : 1)]! ^= 1;
    for (const chunks of cutsOf(damaged)) {
      const outcome = await inflated(chunks, format);
      expect(faultOf(outcome)).toMatchObject({ kind: 'checksum' });
      expect('some text'.startsWith(outcome.text)).toBe(true);
    }
  });

  it('reports the exact offset of bytes after zlib', async () => {
    const input = Buffer.concat([zlib, Buffer.from('\0x')]);
    for (const chunks of cutsOf(input)) {
      const outcome = await inflated(chunks, 'zlib');
      expect(outcome.text).toBe('one, two, two');
      expect(faultOf(outcome)).toEqual({ kind: 'malformed', byteOffset: zlib.length + 1, isApproximate: false });
    }
  });

  it.each(['more', '\u001fmore'])(
    'reports the offset of bytes after gzip, or says that it is approximate: %j',
    async (tail) => {
      const two = Buffer.concat(members.slice(1));
      for (const chunks of cutsOf(Buffer.concat([two, Buffer.from(tail)]))) {
        const { kind, byteOffset, isApproximate } = faultOf(await inflated(chunks, 'gzip'));
        expect(kind).toBe('malformed');
        if (isApproximate) expect(byteOffset).toBeLessThanOrEqual(two.length + 1);
        else expect(byteOffset).toBe(two.length);
      }
    },
  );
});
