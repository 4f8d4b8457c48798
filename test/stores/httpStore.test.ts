import { createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { httpStore, type HttpStoreOptions } from '../../src/stores/httpStore.js';
import type { Store, StoredObject } from '../../src/stores/store.js';
import { until } from '../support/fifoWriter.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { patternBytes, rangeServers, type RangeServer } from './support/rangeServer.js';
import { selfSigned } from '../support/selfSigned.js';

const newServer = rangeServers();
const newFolder = temporaryFolders();
const bytes = patternBytes(100_000);

const storeOf = (options: HttpStoreOptions = {}) => httpStore({ backoffMs: 0, attempts: 4, ...options });

async function find(store: Store, url: string): Promise<StoredObject> {
  for await (const object of store.list(url)) return object;
  throw new Error('nothing was listed');
}

async function all(store: Store, object: StoredObject): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.readAll!(object)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('httpStore().list', () => {
  it('lists the one object of a URL, by its first byte', async () => {
    const server = await newServer();
    const url = server.serve('/a%20b?x=1', { bytes, etag: '"v1"' });
    const objects: StoredObject[] = [];
    for await (const object of storeOf().list(url)) objects.push(object);
    expect(objects).toEqual([{ url, byteLength: 100_000, version: '"v1"', hasRanges: true }]);
    expect(server.ranges).toEqual(['bytes=0-0']);
  });

  it('takes the date for the version if there is no ETag', async () => {
    const server = await newServer();
    const lastModified = 'Thu, 01 Jan 1970 00:00:00 GMT';
    const url = server.serve('/dated', { bytes, lastModified });
    expect((await find(storeOf(), url)).version).toBe(lastModified);
    expect((await find(storeOf(), server.serve('/plain', { bytes }))).version).toBeUndefined();
  });

  it.each([
    ['', 'Thu, 01 Jan 1970 00:00:00 GMT'],
    ['unquoted', 'unquoted'],
  ])('reads with the version that it has listed if the ETag is "%s"', async (etag, version) => {
    const server = await newServer();
    const url = server.serve('/x', { bytes, etag, lastModified: 'Thu, 01 Jan 1970 00:00:00 GMT' });
    const object = await find(storeOf(), url);
    expect(object.version).toBe(version);
    expect((await storeOf().read(object, 0, 10)).length).toBe(10);
  });

  it('finds that an object with an unquoted ETag has changed', async () => {
    const server = await newServer();
    const object = await find(storeOf(), server.serve('/x', { bytes, etag: 'one' }));
    server.serve('/x', { bytes, etag: 'two' });
    await expect(storeOf().read(object, 0, 10)).rejects.toMatchObject({ code: 'ERR_CHANNEL_CHANGED' });
  });

  it('finds an empty object', async () => {
    const server = await newServer();
    const object = await find(storeOf(), server.serve('/empty', { bytes: new Uint8Array(0) }));
    expect(object).toMatchObject({ byteLength: 0, hasRanges: true });
    expect((await storeOf().read(object, 0, 0)).length).toBe(0);
  });

  it('finds that a server has no ranges, and keeps no connection to its body', async () => {
    const server = await newServer();
    server.answer = (_request, response) => {
      response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
      return true;
    };
    const object = await find(storeOf(), server.serve('/x', { bytes }));
    expect(object).toMatchObject({ byteLength: bytes.length, hasRanges: false });
    await server.untilConnections(0);
  });
});

describe('httpStore().read', () => {
  it('reads ranges into fresh memory, with If-Match, on one connection', async () => {
    const server = await newServer();
    const store = storeOf();
    const object = await find(store, server.serve('/x', { bytes, etag: '"v1"' }));
    const range = await store.read(object, 10, 70_000);
    expect(Buffer.compare(range, bytes.subarray(10, 70_000))).toBe(0);
    expect(range.buffer.byteLength).toBe(69_990);
    expect(Buffer.compare(await store.read(object, 99_999, 100_000), bytes.subarray(99_999))).toBe(0);
    expect(server.ranges).toEqual(['bytes=0-0', 'bytes=10-69999', 'bytes=99999-99999']);
    expect(server.requests.map(({ headers }) => headers['if-match'])).toEqual([undefined, '"v1"', '"v1"']);
    expect(server.opened).toBe(1);
  });

  it('reads into given memory, also after a cut, and refuses memory of another size', async () => {
    const server = await newServer();
    const store = storeOf();
    const object = await find(store, server.serve('/x', { bytes, etag: '"v1"' }));
    server.answer = (_request, response) => {
      if (server.requests.length > 2) return false;
      const head = { etag: '"v1"', 'content-length': 100, 'content-range': 'bytes 10-109/100000' };
      response.writeHead(206, head).write(bytes.subarray(10, 60), () => response.destroy());
      return true;
    };
    const into = new Uint8Array(100);
    expect(await store.read(object, 10, 110, { into })).toBe(into);
    expect(Buffer.compare(into, bytes.subarray(10, 110))).toBe(0);
    expect(server.requests.length).toBe(3);
    const refused = store.read(object, 10, 20, { into });
    await expect(refused).rejects.toThrow('httpStore: read: into: expected memory of 10 bytes, found 100');
  });

  it('opens a new connection if the server has closed the idle one', async () => {
    const server = await newServer();
    const store = storeOf({ attempts: 1 });
    const object = await find(store, server.serve('/x', { bytes }));
    server.answer = ({ socket }, response) => {
      if (server.opened > 1) return false;
      socket.destroy();
      return response.destroyed;
    };
    expect((await store.read(object, 0, 10)).length).toBe(10);
    expect(server.opened).toBe(2);
  });

  it('rejects if the object has changed, whether or not the server heeds If-Match', async () => {
    const server = await newServer();
    const store = storeOf();
    const url = server.serve('/x', { bytes, etag: '"v1"' });
    const object = await find(store, url);
    server.serve('/x', { bytes, etag: '"v2"' });
    const changed = { code: 'ERR_CHANNEL_CHANGED', path: url };
    await expect(store.read(object, 0, 10)).rejects.toMatchObject({ ...changed, status: 412 });
    const weak = { ...object, version: 'W/"v1"' };
    await expect(store.read(weak, 0, 10)).rejects.toThrow(/expected the version W\/"v1", found "v2"/);
    server.serve('/x', { bytes: bytes.subarray(1) });
    await expect(store.read({ ...object, version: undefined }, 0, 10)).rejects.toThrow(/100000 bytes, found 99999/);
    server.serve('/x', { bytes: new Uint8Array(0) });
    await expect(store.read({ ...object, version: undefined }, 5, 10)).rejects.toThrow(/it has no byte 5/);
  });

  it('repeats 503 and 429, and tells the last answer when its attempts are used up', async () => {
    const server = await newServer();
    const store = storeOf();
    const object = await find(store, server.serve('/x', { bytes }));
    let refusals = 3;
    server.answer = (_request, response) => {
      if (refusals-- <= 0) return false;
      response.writeHead(refusals % 2 ? 503 : 429, { 'retry-after': '0' }).end('slow down');
      return true;
    };
    expect((await store.read(object, 0, 10)).length).toBe(10);
    refusals = 4;
    await expect(store.read(object, 0, 10)).rejects.toThrow(
      /^Cannot read the bytes 0 to 10 of http.*\/x after 4 attempts: the server answered 429\. .*decrease concurrency/,
    );
    expect(server.opened).toBe(1);
  });

  it.each([
    [401, /credentials/],
    [403, /credentials/],
    [404, /URL/],
    [400, /URL/],
  ])('does not repeat %i, and says what to do', async (status, remedy) => {
    const server = await newServer();
    const store = storeOf();
    const object = await find(store, server.serve('/x?secret=1', { bytes }));
    server.answer = (_request, response) => response.writeHead(status).end('no').writableEnded;
    const rejected = expect(store.read(object, 0, 10)).rejects;
    await rejected.toMatchObject({ code: 'ERR_CHANNEL_IO', status, message: expect.stringMatching(remedy) });
    await rejected.toThrow(/\/x\?…: /);
    expect(server.requests.length).toBe(2);
  });

  it.each([
    ['a wrong range', { 'content-range': 'bytes 5-14/100000', 'content-length': 10 }, 'expected the bytes 0 to 10'],
    ['another size of the body', { 'content-range': 'bytes 0-9/100000', 'content-length': 5 }, 'in a body of 5 bytes'],
    ['no range', { 'content-length': 10 }, 'does not contain its range'],
  ])('blames the server, not the network, for a response with %s', async (_what, headers, finding) => {
    const server = await newServer();
    const store = storeOf();
    const object = await find(store, server.serve('/x', { bytes }));
    server.answer = (_request, response) => {
      response.writeHead(206, headers).end(bytes.subarray(0, headers['content-length']));
      return true;
    };
    const rejected = expect(store.read(object, 0, 10)).rejects;
    await rejected.toThrow(finding);
    await rejected.toThrow(/ The server, or a proxy in front of it, responds incorrectly: check the host /);
    await rejected.not.toThrow(/network/);
  });

  it('goes on from the byte reached after a short body', async () => {
    const server = await newServer();
    const store = storeOf();
    const object = await find(store, server.serve('/x', { bytes, etag: '"v1"' }));
    let cuts = 3;
    server.answer = ({ headers }, response) => {
      const [, start, last] = /(\d+)-(\d+)/.exec(headers.range!)!.map(Number) as [number, number, number];
      if (cuts-- === 0) return false;
      response.writeHead(206, {
        'content-length': last + 1 - start,
        'content-range': `bytes ${start}-${last}/${bytes.length}`,
      });
      response.write(bytes.subarray(start, start + 100), () => response.destroy());
      return true;
    };
    expect(Buffer.compare(await store.read(object, 50, 1000), bytes.subarray(50, 1000))).toBe(0);
    const starts = server.ranges.slice(1).map((range) => Number(/\d+/.exec(range)));
    expect([starts.length, starts[0]]).toEqual([4, 50]);
    expect(starts.slice(1).every((start, index) => start <= 50 + (index + 1) * 100)).toBe(true);
    expect(starts).toEqual([...starts].sort((one, other) => one - other));
  });

  it('ends with the signal’s reason, and leaves no connection', async () => {
    const server = await newServer();
    const store = storeOf();
    const object = await find(store, server.serve('/x', { bytes }));
    server.answer = () => true;
    const controller = new AbortController();
    const reading = store.read(object, 0, 10, { signal: controller.signal });
    await until(() => server.requests.length === 2);
    controller.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
    await server.untilConnections(0);
    await expect(store.read(object, 0, 10, { signal: controller.signal })).rejects.toThrow('enough');
    expect(server.requests.length).toBe(2);
  });

  it('rejects if nobody listens, and if the other side speaks no HTTP', async () => {
    // The server sends a greeting, and then waits.
    const other = createServer((socket) =>
      socket
        .on('error', () => undefined)
        .resume()
        .write('220 smtp ready\r\n'),
    );
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const object = { url: `http://127.0.0.1:${port}/x`, byteLength: 10, version: undefined, hasRanges: true };
    await expect(storeOf().read(object, 0, 10)).rejects.toThrow(/expected a response of HTTP\/1.1, found "220 smtp/);
    await new Promise((resolve) => other.close(resolve));
    await expect(storeOf().read(object, 0, 10)).rejects.toMatchObject({ errno: 'ECONNREFUSED', path: object.url });
  });
});

describe('httpStore().readAll', () => {
  it('reads bodies in chunks and with a size, and the repeated first request', async () => {
    const server = await newServer();
    const store = storeOf();
    const url = server.serve('/x', { bytes });
    let refusals = 0;
    server.answer = (_request, response) => {
      if (refusals-- > 0) return response.writeHead(503).end().writableEnded;
      response.write(bytes.subarray(0, 10));
      response.end(bytes.subarray(10));
      return true;
    };
    const object = await find(store, url);
    expect(object).toMatchObject({ byteLength: undefined, hasRanges: false });
    refusals = 2;
    expect(Buffer.compare(await all(store, object), bytes)).toBe(0);
    server.answer = () => false;
    expect(Buffer.compare(await all(store, object), bytes)).toBe(0);
    await server.untilConnections(0);
  });

  it.each([
    [{}, 'no Content-Range'],
    [{ 'content-range': 'bytes 0-9/100000' }, 'the bytes 0 to 10 of 100000'],
  ])('rejects a 206 with %j, because the request had no range', async (headers, found) => {
    const server = await newServer();
    const object = { url: server.serve('/x', { bytes }), byteLength: undefined, version: undefined, hasRanges: false };
    server.answer = (_request, response) => response.writeHead(206, headers).end('0123456789').writableEnded;
    await expect(all(storeOf(), object)).rejects.toThrow(`expected the whole object, found ${found}. Check the server`);
  });

  it('rejects if the body is cut, has another size, or is of another version', async () => {
    const server = await newServer();
    const store = storeOf();
    const object = {
      url: server.serve('/x', { bytes, etag: '"v2"' }),
      byteLength: 5,
      version: '"v2"',
      hasRanges: false,
    };
    await expect(all(store, object)).rejects.toThrow(/expected 5 bytes, found 100000/);
    await expect(all(store, { ...object, version: 'W/"v1"' })).rejects.toMatchObject({ code: 'ERR_CHANNEL_CHANGED' });
    server.answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write(bytes.subarray(0, 10), () => response.destroy());
      return true;
    };
    const cut = { ...object, version: undefined };
    await expect(all(store, cut)).rejects.toThrow(/failed after \d+ bytes: .* The server does not support ranges/);
    await server.untilConnections(0);
  });
});

it('rejects a read on a kept connection with the reason of the signal, even null', async () => {
  const server = await newServer();
  const url = server.serve('/x', { bytes });
  const store = storeOf();
  const object = await find(store, url);
  const stop = new AbortController();
  server.answer = () => {
    stop.abort(null);
    return true;
  };
  await expect(store.read(object, 0, 10, { signal: stop.signal })).rejects.toBeNull();
});

describe('httpStore and redirects', () => {
  const redirect = (server: RangeServer, path: string, location: string) => {
    const { answer } = server;
    server.answer = (request, response) =>
      request.url === path ? response.writeHead(307, { location }).end().writableEnded : answer(request, response);
  };

  it('follows them once, and without the headers of the user to another host', async () => {
    const [near, far] = [await newServer(), await newServer()];
    const target = far.serve('/signed?x=1', { bytes });
    redirect(near, '/first', '/x');
    redirect(near, '/x', target);
    const store = storeOf({ headers: { 'X-Token': 'secret' } });
    const object = await find(store, `http://127.0.0.1:${near.port}/first`);
    expect((await store.read(object, 0, 10)).length).toBe(10);
    expect((await store.read(object, 0, 10)).length).toBe(10);
    expect(near.requests.map(({ headers }) => headers['x-token'])).toEqual(['secret', 'secret', 'secret', 'secret']);
    expect(far.requests.map(({ headers }) => headers['x-token'])).toEqual([undefined, undefined, undefined]);
    expect(Buffer.compare(await all(store, object), bytes)).toBe(0);
  });

  it('asks again if the remembered target has expired', async () => {
    const server = await newServer();
    server.serve('/signed-1', { bytes });
    server.serve('/signed-2', { bytes });
    redirect(server, '/x', '/signed-1');
    const store = storeOf();
    const object = await find(store, `http://127.0.0.1:${server.port}/x`);
    await store.read(object, 0, 10);
    server.objects.delete('/signed-1');
    redirect(server, '/x', '/signed-2');
    expect((await store.read(object, 0, 10)).length).toBe(10);
    server.objects.delete('/signed-2');
    await expect(store.read(object, 0, 10)).rejects.toMatchObject({ status: 404 });
  });

  it('rejects each read of an object behind more than ten redirects', async () => {
    const server = await newServer();
    server.serve('/11', { bytes });
    for (let hop = 0; hop < 11; hop++) redirect(server, `/${hop}`, `/${hop + 1}`);
    const object = { url: `http://127.0.0.1:${server.port}/0`, byteLength: bytes.length, version: undefined };
    const far = { ...object, hasRanges: true };
    const store = storeOf();
    await expect(store.read(far, 0, 10)).rejects.toThrow(/more than 10 consecutive redirects/);
    await expect(store.read(far, 0, 10)).rejects.toThrow(/more than 10 consecutive redirects/);
  });

  it('refuses endless ones, and ones to other protocols', async () => {
    const server = await newServer();
    redirect(server, '/x', '/x');
    const url = `http://127.0.0.1:${server.port}/x`;
    await expect(find(storeOf(), url)).rejects.toThrow(/more than 10 consecutive redirects/);
    redirect(server, '/x', 'file:///etc/passwd');
    await expect(find(storeOf(), url)).rejects.toThrow(/a URL that is not http: or https:/);
  });
});

describe('httpStore over TLS', () => {
  it('reads ranges and bodies, if it trusts the certificate', async () => {
    const { key, cert } = selfSigned(newFolder());
    const server = await newServer({ key, cert });
    const url = server.serve('/x', { bytes }).replace('http:', 'https:');
    const store = storeOf({ ca: cert });
    const object = await find(store, url);
    expect(Buffer.compare(await store.read(object, 1, 90_000), bytes.subarray(1, 90_000))).toBe(0);
    expect(Buffer.compare(await all(store, object), bytes)).toBe(0);
    await expect(find(storeOf(), url)).rejects.toMatchObject({
      errno: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      message: expect.stringMatching(
        /set ca to the PEM certificate of its authority, or NODE_EXTRA_CA_CERTS to/,
      ) as unknown,
    });
    server.answer = (_request, response) =>
      response.writeHead(302, { location: 'http://127.0.0.1/' }).end().writableEnded;
    await expect(find(store, url)).rejects.toThrow(/a redirect leads from https: to http:\/\/127\.0\.0\.1/);
  });
});

describe('httpStore', () => {
  it('throws for headers that it sets itself, or that are none, and for bad options', () => {
    for (const headers of [{ Range: 'bytes=0-1' }, { 'a b': 'c' }, { a: 'b\r\nc: d' }]) {
      expect(() => httpStore({ headers })).toThrow(/^httpStore: headers\./);
    }
    expect(() => httpStore({ attempts: 0 })).toThrow(/attempts: expected a positive integer/);
    expect(() => httpStore({ retries: 1 } as HttpStoreOptions)).toThrow(/unknown key "retries"/);
  });

  it('rejects for other URLs', async () => {
    await expect(find(httpStore(), 's3://bucket/key')).rejects.toThrow(/expected a URL such as https:\/\/host\/path/);
  });

  it('sends the user and password of a URL as basic credentials, and shows neither', async () => {
    const server = await newServer();
    const url = server.serve('/x', { bytes }).replace('//', '//me:p%40ss@');
    const object = await find(storeOf(), url);
    expect(server.requests[0]!.headers.authorization).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`);
    server.objects.clear();
    const error = await storeOf()
      .read(object, 0, 1)
      .catch((thrown: unknown) => thrown as Error);
    expect(JSON.stringify([error, (error as Error).message])).not.toMatch(/p%40ss|p@ss/);
  });
});
