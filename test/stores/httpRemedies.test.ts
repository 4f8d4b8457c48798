import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, toArray } from 'rxjs';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { recordsFromFiles } from '../../src/pipeline/records/recordsFromFiles.js';
import { httpStore, type HttpStoreOptions } from '../../src/stores/httpStore.js';
import type { Store, StoredObject } from '../../src/stores/store.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { patternBytes, rangeServers, type RangeServer } from './support/rangeServer.js';
import { selfSigned } from '../support/selfSigned.js';

const newServer = rangeServers();
const newFolder = temporaryFolders();

const first = async (store: Store, url: string) =>
  ((await store.list(url)[Symbol.asyncIterator]().next()) as { value: StoredObject }).value;

describe('the error of httpStore', () => {
  it.each([
    [
      304,
      {},
      /answered 304\. Remove If-None-Match and If-Modified-Since from the headers\. If the headers contain neither, bypass the/,
    ],
    [301, {}, /answered 301\. The redirect has no usable Location\. Find the final URL/],
    [302, {}, /answered 302\. The redirect has no usable Location\. Find the final URL/],
    [501, {}, /answered 501\. The server does not support this request\. Check the URL, or use a different server\.$/],
    [300, {}, /answered 300\. The redirect has no usable Location/],
    [
      413,
      {},
      /answered 413\. The server, or a proxy in front of it, accepts only smaller bodies: increase its limit, /,
    ],
    [412, {}, /answered 412\. Remove If-Unmodified-Since from the headers\.$/],
    [416, {}, /answered 416\. The object may be empty, or the server does not support ranges correctly: check both\.$/],
    [503, {}, /answered 503\. The server is overloaded or broken: increase attempts/],
  ])('says what to do after %i with %j', async (status, headers, message) => {
    const server = await newServer();
    server.answer = (_request, response) => response.writeHead(status, headers).end().writableEnded;
    await expect(first(httpStore({ attempts: 1 }), `http://127.0.0.1:${server.port}/x`)).rejects.toThrow(message);
  });

  it('says that the server responds incorrectly if Node.js cannot parse the response', async () => {
    const server = await newServer();
    server.answer = ({ socket }) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n').writableEnded;
    const lines$ = recordsFromFiles(`http://127.0.0.1:${server.port}/x`, { recordFormat: 'TextLine' });
    await expect(lastValueFrom(lines$)).rejects.toThrow(
      /Invalid character in Content-Length .* The server, or a proxy in front of it, responds incorrectly: /,
    );
  });

  it('says that the server does not speak TLS', async () => {
    const server = await newServer();
    await expect(first(httpStore({ attempts: 1 }), `https://127.0.0.1:${server.port}/x`)).rejects.toThrow(
      /^[^\n]* The server does not speak TLS at this port: use http:\/\/ or the port for https:\/\/\.$/,
    );
  });

  it('does not occur after 300 with a Location', async () => {
    const server = await newServer();
    const url = server.serve('/x', { bytes: patternBytes(10) });
    server.answer = ({ url: path }, response) =>
      path === '/y' && response.writeHead(300, { location: '/x' }).end().writableEnded;
    expect(await first(httpStore(), url.replace('/x', '/y'))).toMatchObject({ byteLength: 10 });
  });

  it('names the header that causes 304, and does not occur without this header', async () => {
    const server = await newServer();
    const url = server.serve('/x', { bytes: patternBytes(10) });
    server.answer = ({ headers }, response) =>
      headers['if-none-match'] !== undefined && response.writeHead(304).end().writableEnded;
    await expect(first(httpStore({ headers: { 'If-None-Match': '"e"' } }), url)).rejects.toThrow(
      /Remove If-None-Match/,
    );
    expect(await first(httpStore(), url)).toMatchObject({ byteLength: 10 });
  });
});

describe('a page that httpStore receives instead of the object', () => {
  it.each([
    [true, { 'content-type': 'text/html; charset=utf-8' }],
    [false, { 'content-type': 'text/html', etag: '"page"' }],
  ])('is named, if the object has ranges: %s', async (hasRanges, headers) => {
    const server = await newServer();
    const store = httpStore({ attempts: 1 });
    const object = await first(store, server.serve('/x', { bytes: patternBytes(100), etag: '"e"' }));
    server.answer = (_request, response) => response.writeHead(200, headers).end('<html>Sign in').writableEnded;
    const chunks = store.readAll!({ ...object, hasRanges })[Symbol.asyncIterator]();
    await expect(hasRanges ? store.read(object, 0, 10) : chunks.next()).rejects.toMatchObject({
      code: 'ERR_CHANNEL_IO',
      message: expect.stringMatching(
        /^Cannot read http:.*\/x: the server answered 200 with an HTML page, and not with the object that was listed\. It is probably a login or error page of a proxy: /,
      ),
    });
  });
});

describe('an object of unknown size that httpStore lists', () => {
  it('is requested once for its head, whose body is not read, and once to read it', async () => {
    const server = await newServer();
    let sent = 0;
    const chunk = patternBytes(64 * 1024);
    server.answer = (_request, response) => {
      const fill = (): void => {
        while (sent++ < 1000 && response.write(chunk));
      };
      fill();
      return response.on('drain', fill).writable;
    };
    const store = httpStore();
    const object = await first(store, `http://127.0.0.1:${server.port}/x`);
    expect(object).toMatchObject({ byteLength: undefined, hasRanges: false });
    expect(server.requests).toHaveLength(1);
    await server.untilConnections(0);
    // The rest would have been megabytes.
    expect(sent).toBeLessThan(1000);
  });
});

describe('a URL', () => {
  const open = (url: string) => () => recordsFromFiles(url, { recordFormat: 'TextLine', store: httpStore() });

  it('may end with a slash after the ?', async () => {
    const server = await newServer();
    const url = server.serve('/x?folder=a/', { bytes: Buffer.from('a') });
    expect(await lastValueFrom(recordsFromFiles(url, { recordFormat: 'TextLine' }))).toEqual(Buffer.from('a'));
  });

  it('is refused if it is a folder, because HTTP has no listing', () => {
    expect(open('https://user:secret@host/train/')).toThrow(
      /expected the URL of one object, found "https:\/\/host\/train\/": HTTP has no listing/,
    );
  });

  it('is refused if its user or password is not percent-encoded, which is not shown', async () => {
    const message = 'expected a percent-encoded user and password in the URL "http://host/x": write %25 instead of %';
    const url = 'http://user:100%secret@host/x';
    expect(open(url)).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG', message: expect.stringContaining(message) }),
    );
    await expect(first(httpStore(), url)).rejects.toMatchObject({ code: 'ERR_CONFIG' });
    await expect(first(httpStore(), url)).rejects.toThrow(message);
  });
});

describe('the option ca of httpStore', () => {
  it.each([
    ['text', 'garbage'],
    ['an empty text', ''],
    ['a path', '/etc/ssl/ca.pem'],
    ['a private key', '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n'],
    ['a certificate that is cut off', selfSigned(newFolder()).cert.slice(0, 200)],
    ['an invalid certificate after a valid one', `${selfSigned(newFolder()).cert}-----BEGIN CERTIFICATE-----\nAAAA\n`],
  ])('refuses %s, and does not show it', (_name, ca) => {
    expect(() => httpStore({ ca })).toThrow(
      /^httpStore: ca: expected PEM certificates \(-----BEGIN CERTIFICATE-----…\), found other text\. If this is the path of a file, pass the content of the file$/,
    );
  });

  it('accepts several certificates with text between them', async () => {
    const { key, cert } = selfSigned(newFolder());
    const server = await newServer({ key, cert });
    const url = server.serve('/x', { bytes: patternBytes(10) }).replace('http:', 'https:');
    const ca = `An authority\n${selfSigned(newFolder()).cert}\nOurs\n${cert}`;
    expect(await first(httpStore({ ca }), url)).toMatchObject({ byteLength: 10 });
  });
});

describe('httpStore and Content-Encoding', () => {
  const LINES = Buffer.from('one\ntwo\nthree\n');

  function serve(server: RangeServer, { path = '/x.txt', bytes = brotliCompressSync(LINES), encoding = 'br' }): string {
    server.answer = (_request, response) => {
      response.setHeader('content-encoding', encoding);
      return false;
    };
    return server.serve(path, { bytes });
  }

  const linesOf = (url: string, options: HttpStoreOptions, compression?: 'brotli') => {
    const recordFormat = decodeTextLine({ encoding: 'utf8' });
    return lastValueFrom(
      recordsFromFiles(url, { recordFormat, store: httpStore(options), compression }).pipe(toArray()),
    );
  };

  it.each(['br', 'compress', 'gzip, br', 'BR', 'br;q=0'])('refuses %s, and says what to do', async (encoding) => {
    const server = await newServer();
    const url = serve(server, { encoding });
    const names = encoding.toLowerCase().replace(';q=0', '');
    await expect(linesOf(url, {})).rejects.toThrow(
      `Cannot read ${url}: the server sends it with Content-Encoding: ${encoding}, which Millrace does not decode. ` +
        'Turn off this encoding on the server. To read the encoded bytes instead, set the header accept-encoding: ' +
        `${names} of httpStore, and ${names === 'br' ? "compression: 'brotli' of recordsFromFiles" : 'decode them'}.`,
    );
    expect(server.requests[0]?.headers['accept-encoding']).toBe('identity');
  });

  it('refuses br if accept-encoding has it with the weight 0', async () => {
    const url = serve(await newServer(), {});
    await expect(linesOf(url, { headers: { 'accept-encoding': 'gzip, br;q=0' } })).rejects.toThrow(
      'Content-Encoding: br',
    );
  });

  it('reads the object after the remedy', async () => {
    const server = await newServer();
    const url = serve(server, {});
    expect(await linesOf(url, { headers: { 'Accept-Encoding': 'br' } }, 'brotli')).toEqual(['one', 'two', 'three']);
    expect(new Set(server.requests.map(({ headers }) => headers['accept-encoding']))).toEqual(new Set(['br']));
  });

  it.each([
    ['br of a URL that ends in .br', { path: '/x.txt.br?signed=1' }],
    ['gzip, which the data shows', { bytes: gzipSync(LINES), encoding: 'gzip' }],
    ['gzip with a parameter', { bytes: gzipSync(LINES), encoding: 'GZIP;level=9' }],
    ...['identity', 'utf-8', 'none', 'binary', '7bit', 'null'].map(
      (encoding) => [encoding, { bytes: LINES, encoding }] as const,
    ),
    ['aws-chunked, which some servers of objects add', { bytes: LINES, encoding: 'aws-chunked' }],
  ])('reads %s', async (_name, served) => {
    expect(await linesOf(serve(await newServer(), served), {})).toEqual(['one', 'two', 'three']);
  });

  it('refuses a range or a body with an encoding that the listing did not have', async () => {
    const server = await newServer();
    const store = httpStore();
    const object = await first(store, server.serve('/x.txt', { bytes: LINES }));
    serve(server, {});
    await expect(store.read(object, 0, 10)).rejects.toThrow('with Content-Encoding: br');
    const chunks = store.readAll!({ ...object, hasRanges: false })[Symbol.asyncIterator]();
    await expect(chunks.next()).rejects.toThrow('with Content-Encoding: br');
    await server.untilConnections(0);
  });

  it('blames the encoding if the server compresses each range', async () => {
    const server = await newServer();
    const store = httpStore({ attempts: 1 });
    const object = await first(store, server.serve('/x.txt', { bytes: LINES }));
    server.answer = (_request, response) => {
      const range = { 'content-range': `bytes 0-9/${LINES.length}`, 'content-encoding': 'gzip' };
      return response.writeHead(206, range).end(gzipSync(LINES.subarray(0, 10))).writableEnded;
    };
    await expect(store.read(object, 0, 10)).rejects.toThrow(
      /its Content-Encoding has changed since it was listed: expected none, found gzip\. The server probably encodes each response\. Turn off/,
    );
  });
});
