import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, toArray } from 'rxjs';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { recordsFromFiles } from '../../src/pipeline/records/recordsFromFiles.js';
import { httpStore, type HttpStoreOptions } from '../../src/stores/httpStore.js';
import type { Store, StoredObject } from '../../src/stores/store.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { patternBytes, rangeServers, type RangeServer } from './support/rangeServer.js';
import { selfSigned } from './support/selfSigned.js';

const newServer = rangeServers();
const newFolder = temporaryFolders();

const first = async (store: Store, url: string) =>
  ((await store.list(url)[Symbol.asyncIterator]().next()) as { value: StoredObject }).value;

describe('the error of httpStore', () => {
  it.each([
    [
      304,
      {},
      /answered 304\. Remove If-None-Match and If-Modified-Since from the headers\. If there are none, bypass the/,
    ],
    [301, {}, /answered 301\. The redirect has no usable Location\. Find the final URL/],
    [302, {}, /answered 302\. The redirect has no usable Location\. Find the final URL/],
    [501, {}, /answered 501\. The server does not support this request\. Check the URL, or use a different server\.$/],
    [503, {}, /answered 503\. The server is overloaded or broken: increase attempts/],
  ])('says what to do after %i with %j', async (status, headers, message) => {
    const server = await newServer();
    server.answer = (_request, response) => response.writeHead(status, headers).end().writableEnded;
    await expect(first(httpStore({ attempts: 1 }), `http://127.0.0.1:${server.port}/x`)).rejects.toThrow(message);
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
      /^httpStore: ca: expected PEM certificates \(-----BEGIN CERTIFICATE-----…\), found other text\. If this is the path of a file, read the file$/,
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

  it.each(['br', 'compress', 'gzip, br', 'BR'])('refuses %s, and says what to do', async (encoding) => {
    const server = await newServer();
    const url = serve(server, { encoding });
    const sent = encoding.toLowerCase();
    await expect(linesOf(url, {})).rejects.toThrow(
      `Cannot read ${url}: the server sends it with Content-Encoding: ${sent}, which httpStore does not decode. ` +
        'Turn off this encoding on the server. Or, to read the encoded bytes, set the header accept-encoding: ' +
        `${sent} of httpStore, and ${sent === 'br' ? "compression: 'brotli' of recordsFromFiles" : 'decode them'}.`,
    );
    expect(server.requests[0]?.headers['accept-encoding']).toBe('identity');
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
    ['identity', { bytes: LINES, encoding: 'identity' }],
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
      /The server probably encodes each range \(Content-Encoding: gzip\)\. Turn off this encoding on the server\.$/,
    );
  });
});
