import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { of } from 'rxjs';
import { writeRecords } from '../../src/sinks/writeRecords.js';
import type { WritableStore } from '../../src/stores/store.js';
import { answeringStores, BEGUN, listOf, type Answer, type Asked } from './support/answeringStore.js';

const newStore = answeringStores();

const NINE_MEBIBYTES = new Uint8Array(9 * 1024 * 1024);

const PAGES = {
  'an HTML page': '<html><body>Sign in</body></html>',
  'an HTML page that is not XML': '<!doctype html><html><body>Sign in<br></body></html>',
  'an empty body': '',
};
const FINDINGS: Readonly<Record<string, string>> = { [PAGES['an empty body']]: 'with an empty body' };
const findingOf = (page: string) => FINDINGS[page] ?? 'with an HTML page';

async function write(store: WritableStore, bytes: Uint8Array, exclusive = false): Promise<void> {
  const writer = await store.create('s3://b/k', { exclusive });
  try {
    await writer.write(bytes);
    await writer.finish();
  } finally {
    await writer.abort();
  }
}

const CALLS = {
  list: (store: WritableStore) => store.list('s3://b/k')[Symbol.asyncIterator]().next(),
  remove: (store: WritableStore) => store.remove('s3://b/k'),
  removeUnfinished: (store: WritableStore) => store.removeUnfinished('s3://b/k', () => true),
  'finish a small object': (store: WritableStore) => write(store, new Uint8Array(10)),
  'begin an upload': (store: WritableStore) => write(store, NINE_MEBIBYTES),
};

describe('s3Store, if the server answers 200', () => {
  describe.each(Object.entries(PAGES))('with %s', (_name, body) => {
    // Some servers answer 200 instead of 204 to a DELETE, with an empty body.
    const calls = Object.entries(CALLS).filter(([name]) => name !== 'remove' || body !== '');

    it.each(calls)('rejects: %s', async (name, call) => {
      // A PutObject has no body, so its ETag shows that the object is stored.
      const finding = name === 'finish a small object' && body === '' ? 'without an ETag' : findingOf(body);
      await expect(call(await newStore(() => ({ body })))).rejects.toThrow(
        new RegExp(`^Cannot .*: the server answered 200 ${finding}: this is not an S3 answer\\. Check the endpoint`),
      );
    });

    it('rejects writeRecords', async () => {
      const store = await newStore(({ url }) => ({ body: url.searchParams.has('list-type') ? listOf('') : body }));
      const options = { store, recordFormat: 'TFRecord', overwrite: true } as const;
      await expect(writeRecords(of(new Uint8Array(1)), 's3://b/k', options)).rejects.toThrow(/not an S3 answer/);
    });
  });

  const headers = { etag: '"e"', 'content-type': 'text/html' };

  it('rejects an HTML page with an ETag as the answer to a PutObject', async () => {
    const store = await newStore(() => ({ headers, body: PAGES['an HTML page'] }));
    await expect(CALLS['finish a small object'](store)).rejects.toThrow(/200 with an HTML page: this is not/);
  });

  it('accepts a PutObject with an ETag and an empty body of HTML, as Swift sends it', async () => {
    await expect(CALLS['finish a small object'](await newStore(() => ({ headers })))).resolves.toBeUndefined();
  });

  it('accepts an empty body as the answer to a DELETE', async () => {
    await expect(CALLS.remove(await newStore(() => ({})))).resolves.toBeUndefined();
  });

  it('rejects an HTML page as the answer to the DELETE of an unfinished upload', async () => {
    const upload = '<Upload><Key>k</Key><UploadId>u</UploadId></Upload>';
    const list = `<ListMultipartUploadsResult>${upload}</ListMultipartUploadsResult>`;
    const store = await newStore(({ method }) => ({ body: method === 'GET' ? list : PAGES['an HTML page'] }));
    await expect(CALLS.removeUnfinished(store)).rejects.toThrow(/200 with an HTML page/);
  });

  it('rejects a list of objects as a list of uploads', async () => {
    await expect(CALLS.removeUnfinished(await newStore(() => ({ body: listOf('') })))).rejects.toThrow(
      /200 with the element <ListBucketResult>: this is not an S3 answer/,
    );
  });

  it('rejects a listing that is cut off', async () => {
    const store = await newStore(() => ({ body: listOf('').slice(0, -10) }));
    await expect(CALLS.list(store)).rejects.toThrow(/200 with a body that is not XML of S3: this is not an S3 answer/);
  });
});

/** Uploads two parts. Returns the requests after the parts. */
async function upload(
  answers: { part?: Answer; complete: (attempt: number) => Answer; list?: Answer },
  config: S3ClientConfig & { exclusive?: boolean } = {},
): Promise<{ readonly error: Error | undefined; readonly completions: number }> {
  let completions = 0;
  const answerOf = ({ method, url }: Asked): Answer => {
    if (url.searchParams.has('uploads')) return method === 'POST' ? { body: BEGUN } : (answers.list ?? { status: 503 });
    if (method === 'PUT') return answers.part ?? { headers: { etag: '"e"' } };
    if (method === 'POST') return answers.complete(++completions);
    return { status: method === 'DELETE' ? 204 : 404 };
  };
  const { exclusive, ...clientConfig } = config;
  const store = await newStore(answerOf, clientConfig);
  const error = await write(store, NINE_MEBIBYTES, exclusive).then(
    () => undefined,
    (thrown: unknown) => thrown as Error,
  );
  return { error, completions };
}

describe('a range of s3Store', () => {
  const object = { url: 's3://b/k', byteLength: 10, version: '"e"', hasRanges: true };
  const range = { 'content-range': 'bytes 0-9/10', 'content-length': '10', etag: '"e"' };
  const answer = (headers: object, status = 206) => ({ status, headers: { ...range, ...headers }, body: '0123456789' });

  it.each([
    [{ etag: '' }, /^Cannot read s3:\/\/b\/k: the server answered 206 without an ETag, although the listing has one: /],
    [{ etag: '', 'content-type': 'text/html' }, /answered 206 with an HTML page: this is not an S3 answer/],
    [
      { 'content-encoding': 'br' },
      /^Cannot read s3:\/\/b\/k: the server sends it with Content-Encoding: br, .* set acceptEncoding: 'br' of s3Store, and compression: 'brotli' of recordsFromFiles\.$/,
    ],
  ])('is refused with the headers %j', async (headers, message) => {
    const store = await newStore(() => answer(headers));
    await expect(store.read(object, 0, 10)).rejects.toThrow(message);
  });

  it('is read encoded if the option acceptEncoding or the key says so', async () => {
    const headers = { 'content-encoding': 'br' };
    const stores = [
      await newStore(() => answer(headers), {}, { acceptEncoding: 'br' }),
      await newStore(() => answer(headers)),
    ];
    const [asked, plain] = stores as [WritableStore, WritableStore];
    expect(await asked.read(object, 0, 10)).toHaveLength(10);
    expect(await plain.read({ ...object, url: 's3://b/k?/x.br' }, 0, 10)).toHaveLength(10);
  });

  it('names a page of a proxy with an error status', async () => {
    const store = await newStore(() => ({ status: 403, body: PAGES['an HTML page'] }));
    await expect(store.read(object, 0, 10)).rejects.toThrow(
      /answered 403 \(an HTML page\)\. A proxy answers instead of S3/,
    );
  });
});

describe('the end of an upload with s3Store', () => {
  const completed = {
    body: '<?xml version="1.0"?>\n<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>',
  };
  const failed = (code: string) => ({ body: `<Error><Code>${code}</Code><Message>The reason.</Message></Error>` });

  it('resolves after white space, which S3 sends while it completes the upload', async () => {
    expect(await upload({ complete: () => ({ body: ` \n ${completed.body.slice(22)}` }) })).toEqual({
      error: undefined,
      completions: 1,
    });
  });

  it('rejects a part without an ETag', async () => {
    const { error } = await upload({ part: {}, complete: () => completed });
    expect(error?.message).toContain('200 without an ETag');
  });

  it('rejects an HTML page as the answer to a part', async () => {
    const part = { headers: { etag: '"e"' }, body: PAGES['an HTML page'] };
    expect((await upload({ part, complete: () => completed })).error?.message).toContain('200 with an HTML page');
  });

  it.each(Object.values(PAGES))('says what the server has answered: %s', async (body) => {
    const { error } = await upload({ complete: () => ({ headers: { etag: '"e"' }, body }) });
    expect(error?.message).toMatch(
      new RegExp(`^Cannot write s3://b/k: the server answered 200 ${findingOf(body)}: this is not an S3 answer`),
    );
    expect(error).toMatchObject({ code: 'ERR_CHANNEL_IO', status: 200, path: 's3://b/k' });
  });

  it('names the error in a body with status 200', async () => {
    const { error } = await upload({ complete: () => failed('InternalError') });
    expect(error?.message).toMatch(
      /^Cannot write s3:\/\/b\/k: the server answered 200 \(InternalError: The reason\)\. .* increase maxAttempts/,
    );
    expect(error).toMatchObject({ status: 200 });
  });

  it.each([{ body: '' }, failed('InternalError')])('lets the client repeat the request after %j', async (answer) => {
    const complete = (attempt: number) => (attempt === 1 ? answer : completed);
    expect(await upload({ complete }, { maxAttempts: 2 })).toEqual({ error: undefined, completions: 2 });
  });

  it('does not repeat the request after an HTML page', async () => {
    const complete = () => ({ body: PAGES['an HTML page'] });
    expect((await upload({ complete }, { maxAttempts: 2 })).completions).toBe(1);
  });

  it('says that the object exists if the error in the body is a failed condition', async () => {
    const { error } = await upload({ complete: () => failed('PreconditionFailed') }, { exclusive: true });
    expect(error?.message).toMatch(/^Cannot write s3:\/\/b\/k: another writer has written it in the meantime/);
    expect(error).toMatchObject({ status: 412 });
  });
});
