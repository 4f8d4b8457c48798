import { describe, expect, it } from '@jest/globals';
import { ListingGuard } from '../../src/s3/listingGuard.js';
import { plainXml } from '../../src/s3/plainXml.js';
import { answeringStores, listOf } from './support/answeringStore.js';

const newStore = answeringStores();

const object = (key: string, size = '<Size>1</Size>') => `<Contents><Key>${key}</Key>${size}</Contents>`;
const keys = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => object(`k${String(from + index).padStart(6, '0')}`)).join('');

/** Lists the pages that the server answers, and returns the number of requests and the sizes or the error. */
async function list(pageOf: (page: number) => string) {
  let requests = 0;
  const store = await newStore(() => ({ body: pageOf(requests++) }));
  const sizes: (number | undefined)[] = [];
  let error: unknown;
  try {
    for await (const { byteLength } of store.list('s3://b/k')) sizes.push(byteLength);
  } catch (thrown) {
    error = thrown;
  }
  return { requests, sizes, error: error as Error | undefined };
}

it('s3Store reads a listing with comments, and with the prefixes of a namespace', async () => {
  const page = listOf('<Contents><!-- <Key>x</Key> --><Key>k:a</Key><Size>1</Size><ETag>"e"</ETag></Contents>');
  const prefixed = page.replace(/<(\/?)(?=[A-Z])/g, '<$1s3:').replace('Result>', 'Result xmlns:s3="urn:s3">');
  const store = await newStore(() => ({ body: `<?xml version="1.0"?><!-- <html> -->${prefixed}` }));
  const { value } = await store.list('s3://b/')[Symbol.asyncIterator]().next();
  expect(value).toMatchObject({ url: 's3://b/k:a', byteLength: 1, version: '"e"' });
});

it('s3Store reads a listing with CDATA exactly', async () => {
  const key = 'k<a:b></a:b><!--c-->&amp;<Size>x</Size>]] >';
  const store = await newStore(() => ({
    body: listOf(object(`<![CDATA[${key}]]>`, '<Size><![CDATA[1]]></Size><!-- <![CDATA[ -->')),
  }));
  const { value } = await store.list('s3://b/')[Symbol.asyncIterator]().next();
  expect(value).toMatchObject({ url: `s3://b/${key}`, byteLength: 1 });
});

it.each(['<!--', '<![CDATA[', '<a', '<Size '])('plainXml takes linear time for many %s', (part) => {
  const text = part.repeat(2 ** 20);
  expect(plainXml(`${text}-->`).length).toBeLessThanOrEqual(2 * text.length);
});

describe('s3Store().list', () => {
  it('lists an empty bucket', async () => {
    expect(await list(() => listOf(''))).toEqual({ requests: 1, sizes: [], error: undefined });
  });

  it('lists keys in any order', async () => {
    const pages = [listOf(object('k2') + object('k1'), 'a'), listOf('', 'b'), listOf(object('k0'), '')];
    expect(await list((page) => pages[page] ?? listOf(''))).toMatchObject({ requests: 3, sizes: [1, 1, 1] });
  });

  it.each([
    ['with quotes', '&quot;e&quot;', '"e"'],
    ['without quotes', 'e', '"e"'],
    ['of a weak version', 'W/&quot;e&quot;', 'W/"e"'],
    ['that is empty', '', undefined],
  ])('lists an ETag %s as HTTP sends it', async (_, eTag, version) => {
    const store = await newStore(() => ({ body: listOf(object('k', `<Size>1</Size><ETag>${eTag}</ETag>`)) }));
    for await (const listed of store.list('s3://b/k')) expect(listed.version).toBe(version);
    expect.assertions(1);
  });

  it('lists an empty object', async () => {
    expect((await list(() => listOf(object('k', '<Size>0</Size>')))).sizes).toEqual([0]);
  });

  it.each([
    '',
    '<Size></Size>',
    '<Size/>',
    '<Size />',
    '<Size unit="B"/>',
    '<Size unit="B">0x10</Size>',
    '<Size> </Size>',
    '<Size>abc</Size>',
    '<Size>-1</Size>',
    '<Size>1.5</Size>',
    '<Size>0x10</Size>',
    '<Size>1e3</Size>',
    '<Size>12345678901234567890</Size>',
  ])('refuses the size "%s", and names the key', async (size) => {
    const { sizes, error } = await list(() => listOf(object('k1') + object('k2', size)));
    expect(sizes).toEqual([1]);
    expect(error?.message).toMatch(
      /^Cannot list s3:\/\/b\/k: the server answered 200 without a valid Size of the key "k2": this is not an S3 answer/,
    );
  });

  it.each([
    ['an object outside the prefix', object('other'), 'with the key "other", outside the prefix'],
    ['an object without a key', '<Contents><Size>1</Size></Contents>', 'with the key "", outside the prefix'],
    ['adjacent equal keys', object('k') + object('k'), 'with the key "k" twice'],
    ['equal keys that are not adjacent', object('k') + object('k1') + object('k'), 'with the key "k" twice'],
  ])('refuses %s', async (_name, inner, finding) => {
    expect((await list(() => listOf(inner))).error?.message).toContain(`the server answered 200 ${finding}: `);
  });

  it('refuses a truncated page without a token', async () => {
    const page = listOf(object('k'), '').replace('<NextContinuationToken></NextContinuationToken>', '');
    expect((await list(() => page)).error?.message).toContain('without a NextContinuationToken');
  });

  it('refuses the token of an earlier page', async () => {
    const { requests, error } = await list((page) => listOf(object(`k${page}`), 't'));
    expect(error?.message).toContain('with the NextContinuationToken of an earlier page');
    expect(requests).toBe(2);
  });

  it('refuses a server that ignores the token', async () => {
    const { requests, error } = await list((page) => listOf(keys(0, 3), `t${page}`));
    expect(error?.message).toContain('with the key "k000000" twice');
    expect(requests).toBe(2);
  });

  it('refuses pages that overlap', async () => {
    const { sizes, error } = await list((page) => listOf(keys(page * 990, page * 990 + 1000), `t${page}`));
    expect(error?.message).toContain('with the key "k000990" twice');
    expect(sizes).toHaveLength(1000);
  });

  it('refuses a key of the last 10,000 keys', async () => {
    const pages = (page: number) => (page < 10 ? keys(page * 1000, page * 1000 + 1000) : object('kl') + keys(1, 2));
    const { sizes, error } = await list((page) => listOf(pages(page), `t${page}`));
    expect(error?.message).toContain('with the key "k000001" twice');
    expect(sizes).toHaveLength(10_001);
  });

  it('refuses a listing that begins again after more keys than it remembers', async () => {
    const { requests, error } = await list((page) =>
      listOf(keys((page % 25) * 1000, (page % 25) * 1000 + 1000), `t${page}`),
    );
    expect(error?.message).toContain('with the key "k000000" twice');
    expect(requests).toBe(26);
  });
});

describe('s3Store().removeUnfinished', () => {
  const uploadsOf = (inner: string) =>
    `<ListMultipartUploadsResult><Bucket>b</Bucket>${inner}</ListMultipartUploadsResult>`;
  const upload = '<Upload><Key>k</Key><UploadId>u</UploadId></Upload>';
  const nextPage = (marker: string) => `<IsTruncated>true</IsTruncated><NextKeyMarker>${marker}</NextKeyMarker>`;

  async function remove(pageOf: (page: number) => string) {
    const methods: string[] = [];
    const store = await newStore(({ method }) => {
      methods.push(method);
      return method === 'DELETE' ? { status: 204 } : { body: uploadsOf(pageOf(methods.length)) };
    });
    const error: unknown = await store.removeUnfinished('s3://b/k', () => true).catch((thrown: unknown) => thrown);
    return { methods, message: (error as Error).message };
  }

  it.each([
    ['an upload without an UploadId', '<Upload><Key>k</Key></Upload>', 'without an UploadId'],
    ['a key outside the prefix', '<Upload><Key>o</Key><UploadId>u</UploadId></Upload>', 'outside the prefix'],
    ['a truncated page without a marker', '<IsTruncated>true</IsTruncated>', 'without a NextKeyMarker'],
    ['the marker of an earlier page', nextPage('k'), 'with the NextKeyMarker of an earlier page'],
  ])('refuses %s, and removes nothing', async (_name, inner, finding) => {
    const { methods, message } = await remove(() => inner);
    expect(message).toContain(finding);
    expect(methods).not.toContain('DELETE');
  });

  it('refuses a server that ignores the marker', async () => {
    const { methods, message } = await remove((page) => upload + nextPage(`k${page}`));
    expect(message).toContain('with the upload {"Key":"k","UploadId":"u"} twice');
    expect(methods).toEqual(['GET', 'DELETE', 'GET']);
  });
});

describe('ListingGuard', () => {
  it('refuses endless pages without entries after 1,001 pages', () => {
    const guard = new ListingGuard('Token', (finding) => new Error(finding));
    guard.add('the key "a"');
    for (let page = 0; page <= 1000; page++) guard.requireNewToken(`t${page}`);
    expect(() => guard.requireNewToken('last')).toThrow('with more than 1000 consecutive pages without an entry');
  });
});
