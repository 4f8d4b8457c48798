import { PassThrough, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import fc from 'fast-check';
import { prefixLines } from '../../../src/agent/commands/prefixLines.js';

async function prefixed(chunks: readonly (string | Buffer)[]): Promise<string> {
  const written: Buffer[] = [];
  const target = new PassThrough().on('data', (chunk: Buffer) => written.push(chunk));
  await prefixLines(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), target, 'algo-1 | ');
  await finished(target.end());
  return Buffer.concat(written).toString();
}

describe('prefixLines', () => {
  it('puts the prefix before each line, and ends the last one', async () => {
    expect(await prefixed(['one\n\ntwo'])).toBe('algo-1 | one\nalgo-1 | \nalgo-1 | two\n');
    expect(await prefixed(['one\n'])).toBe('algo-1 | one\n');
    expect(await prefixed([])).toBe('');
  });

  it('returns the same lines for every way to cut the chunks', async () => {
    const text = Buffer.from('ä\nlonger line\r\n\nend');
    const whole = await prefixed([text]);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(text.length)), async (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), text.length];
        const chunks = places.slice(1).map((end, index) => text.subarray(places[index], end));
        expect(await prefixed(chunks)).toBe(whole);
      }),
    );
  });

  it('keeps bytes that are not UTF-8', async () => {
    const written: Buffer[] = [];
    const target = new PassThrough().on('data', (chunk: Buffer) => written.push(chunk));
    await prefixLines(Readable.from([Buffer.of(0xff, 0x0a, 0x80)]), target, 'ä ');
    await finished(target.end());
    const prefix = Buffer.from('ä ');
    expect(Buffer.concat(written)).toEqual(
      Buffer.concat([prefix, Buffer.of(0xff, 0x0a), prefix, Buffer.of(0x80, 0x0a)]),
    );
  });

  it('writes all whole lines of a chunk at once', async () => {
    const written: string[] = [];
    const target = new PassThrough().on('data', (chunk: Buffer) => written.push(chunk.toString()));
    await prefixLines(Readable.from([Buffer.from('one\ntwo\nth'), Buffer.from('ree\n')]), target, '> ');
    expect(written).toEqual(['> one\n> two\n', '> three\n']);
  });

  it('writes a very long line in pieces', async () => {
    const text = await prefixed(Array.from({ length: 5 }, () => 'x'.repeat(40_000)));
    expect(text.replaceAll('algo-1 | ', '').replaceAll('\n', '')).toBe('x'.repeat(200_000));
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(120_000);
  });

  it('writes the data received before the source was destroyed', async () => {
    const source = new PassThrough();
    const target = new PassThrough();
    const done = prefixLines(source, target, '> ');
    source.write('one\ntwo');
    while (source.readableLength > 0 || target.readableLength === 0) await new Promise(setImmediate);
    source.destroy();
    await done;
    const written: Buffer[] = await target.end().toArray();
    expect(String(Buffer.concat(written))).toBe('> one\n> two\n');
  });

  it('continues to read after the target is closed', async () => {
    const target = new PassThrough().on('error', () => undefined);
    target.destroy();
    const source = Readable.from([Buffer.from('one\n'), Buffer.from('two\n')]);
    await prefixLines(source, target, '> ');
    expect(source.readableEnded).toBe(true);
  });
});
