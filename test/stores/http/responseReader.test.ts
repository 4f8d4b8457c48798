import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bodyLength, parseHead } from '../../../src/stores/http/responseHead.js';
import { ResponseReader, SCRATCH_BYTES, type AcceptHead } from '../../../src/stores/http/responseReader.js';

/** Feeds bytes to the reader, cut at these positions and limited by its space. Returns the number of bytes read. */
function feed(reader: ResponseReader, bytes: Buffer, places: readonly number[] = []): number {
  const cuts = [...places, bytes.length].sort((one, other) => one - other);
  let taken = 0;
  for (const cut of cuts) {
    while (taken < cut) {
      const { space } = reader;
      const count = Math.min(space.length, cut - taken);
      space.set(bytes.subarray(taken, taken + count));
      taken += count;
      if (reader.take(count)) return taken;
    }
  }
  return taken;
}

const readerOf = (accept: AcceptHead) => new ResponseReader(Buffer.alloc(SCRATCH_BYTES), accept);

const RESPONSE = Buffer.from(
  'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\nX-A:1\r\nx-a: 2 \r\n\r\nhello',
);

describe('ResponseReader', () => {
  it('reads the same response, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(RESPONSE.length)), (places) => {
        const body = new Uint8Array(5);
        const reader = readerOf(() => body);
        expect(feed(reader, RESPONSE, places)).toBe(RESPONSE.length);
        expect(reader.head?.status).toBe(206);
        expect(reader.head?.headers.get('x-a')).toBe('1, 2');
        expect([reader.isComplete, reader.received, Buffer.from(body).toString()]).toEqual([true, 5, 'hello']);
      }),
    );
  });

  it('keeps the text of a body that is not wanted, to its end', () => {
    for (const framing of [
      'content-length: 5\r\n\r\nhello',
      'transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    ]) {
      const response = Buffer.from(`HTTP/1.1 403 Forbidden\r\n${framing}`);
      const reader = readerOf(() => undefined);
      expect(feed(reader, response, [...response.keys()])).toBe(response.length);
      expect(reader.text).toContain('hello');
      expect(reader.isComplete).toBe(true);
    }
  });

  it('finds the end of a body in chunks that has none', () => {
    const reader = readerOf(() => undefined);
    const response = Buffer.from('HTTP/1.1 404 Not Found\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n');
    expect(feed(reader, Buffer.concat([response, Buffer.from('more')]), [response.length])).toBe(response.length);
  });

  it('has enough of an endless body that is not wanted', () => {
    const reader = readerOf(() => undefined);
    const response = Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), Buffer.alloc(2 * SCRATCH_BYTES, 'x')]);
    expect(feed(reader, response)).toBeLessThan(response.length);
    expect([reader.isComplete, reader.text.length]).toEqual([false, SCRATCH_BYTES]);
    expect(reader.space.length).toBeGreaterThan(0);
  });

  it('refuses a head that does not end, bytes after the body, and what is not HTTP/1.1', () => {
    const refuse = (text: string, message: RegExp) => {
      expect(() =>
        feed(
          readerOf(() => new Uint8Array(1)),
          Buffer.from(text),
        ),
      ).toThrow(message);
    };
    refuse(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(SCRATCH_BYTES)}`, /head exceeds 65536 bytes/);
    refuse('HTTP/1.1 206 OK\r\ncontent-length: 1\r\n\r\nab', /more bytes/);
    // A greeting, after which the server waits.
    refuse('SSH-2.0-OpenSSH\r\n', /found "SSH-2\.0-OpenSSH"$/);
    refuse('+', /found "\+"$/);
    refuse('SSH-2.0-OpenSSH\r\n\r\n', /expected a response of HTTP\/1.1, found "SSH/);
    refuse('HTTP/1.1 200 OK\r\nno colon\r\n\r\n', /expected a header/);
    refuse('HTTP/1.1 200 OK\r\na: b\r\n folded\r\n\r\n', /expected a header/);
  });
});

describe('bodyLength', () => {
  const lengthOf = (head: string) => bodyLength(parseHead(Buffer.from(`HTTP/1.1 ${head}\r\n\r\n`))!);

  it('is unknown if there are chunks, no size, two sizes, or a size that is no number', () => {
    expect(lengthOf('200 OK\r\ncontent-length: 12')).toBe(12);
    expect(lengthOf('304 Not Modified')).toBe(0);
    expect(lengthOf('200 OK')).toBeUndefined();
    expect(lengthOf('200 OK\r\ncontent-length: 12\r\ncontent-length: 13')).toBeUndefined();
    expect(lengthOf('200 OK\r\ncontent-length: 0x12')).toBeUndefined();
    expect(lengthOf('200 OK\r\ncontent-length: 12\r\ntransfer-encoding: chunked')).toBeUndefined();
  });
});
