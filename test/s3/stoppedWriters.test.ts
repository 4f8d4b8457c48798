import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { NEVER, concat } from 'rxjs';
import { writeRecords } from '../../src/sinks/writeRecords.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import type { WritableStore } from '../../src/stores/store.js';
import { collectWarnings } from '../support/collectWarnings.js';
import { answeringStores, BEGUN, listOf, type Answer, type Asked } from './support/answeringStore.js';

const newStore = answeringStores();

const NINE_MEBIBYTES = new Uint8Array(9 * 1024 * 1024);
const UNANSWERED = new Promise<never>(() => undefined);
/** Also limits the time for cleaning up. */
const LIMIT = { idleTimeoutMs: 2000 };

type Request = 'begin' | 'part' | 'complete' | 'remove' | 'list';

function requestOf({ method, url }: Asked): Request {
  if (method === 'GET') return 'list';
  if (method === 'POST') return url.searchParams.has('uploads') ? 'begin' : 'complete';
  return method === 'PUT' ? 'part' : 'remove';
}

const ANSWERS: Readonly<Record<Request, Answer>> = {
  begin: { body: BEGUN },
  part: { headers: { etag: '"e"' } },
  complete: { body: '<CompleteMultipartUploadResult/>', headers: { etag: '"e"' } },
  remove: { status: 204 },
  list: { body: '<ListMultipartUploadsResult/>' },
};

/** Returns a store, the requests that it has sent, and a promise of the first request of this kind. */
async function storeWithout(unanswered: readonly Request[], answerLater?: () => Promise<unknown>) {
  const sent: Request[] = [];
  let arrive = (): void => undefined;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const store = await newStore(
    async (asked) => {
      const request = requestOf(asked);
      sent.push(request);
      if (request === unanswered[0]) arrive();
      if (unanswered.includes(request)) await (answerLater?.() ?? UNANSWERED);
      return ANSWERS[request];
    },
    { maxAttempts: 3 },
    answerLater ? {} : LIMIT,
  );
  return { store, sent, arrived };
}

async function write(store: WritableStore, signal?: AbortSignal): Promise<unknown> {
  const writer = await store.create('s3://b/a key', { signal });
  try {
    await writer.write(NINE_MEBIBYTES);
    await writer.finish();
    return undefined;
  } catch (error) {
    return error;
  } finally {
    await writer.abort();
  }
}

/** Returns a list of one warning with this message. */
const oneWarning = (message: RegExp) => [{ code: 'MILLRACE_UPLOAD_LEFT', message: expect.stringMatching(message) }];

describe('a stopped writer of s3Store', () => {
  it('sends a single request to remove its upload, and names the upload if there is no answer', async () => {
    const { store, sent } = await storeWithout(['remove']);
    const writer = await store.create('s3://b/a key');
    await writer.write(NINE_MEBIBYTES);
    const warnings = await collectWarnings(() => writer.abort());
    expect(sent.filter((request) => request === 'remove')).toHaveLength(1);
    expect(warnings).toEqual(
      oneWarning(
        /^An unfinished upload of s3:\/\/b\/a key \(upload id u\) may remain: TimeoutError: .* within 2 seconds .*\. Check the network\. .* To remove it: aws s3api abort-multipart-upload --bucket b --key "a key" --upload-id "u"\. Or call removeUnfinished\(\) of the store\.$/,
      ),
    );
  });

  it('removes an upload that the server begins after the abort', async () => {
    const stop = new AbortController();
    const aborted = once(stop.signal, 'abort');
    const { store, sent, arrived } = await storeWithout(['begin'], () => aborted);
    const written = write(store, stop.signal);
    await arrived;
    stop.abort(new Error('enough'));
    expect(await written).toBe(stop.signal.reason);
    expect(sent).toEqual(['begin', 'remove']);
  });

  it('says how to find an upload if the server does not say that it has begun', async () => {
    const stop = new AbortController();
    const { store, sent, arrived } = await storeWithout(['begin']);
    const warnings = await collectWarnings(async () => {
      const written = write(store, stop.signal);
      await arrived;
      stop.abort(new Error('enough'));
      expect(await written).toBe(stop.signal.reason);
    });
    expect(warnings).toEqual(
      oneWarning(
        /^An unfinished upload of s3:\/\/b\/a key may remain: .* To find its id: aws s3api list-multipart-uploads --bucket b --prefix "a key"\./,
      ),
    );
    expect(sent).toEqual(['begin']);
  });

  it('begins no second upload after an abort', async () => {
    const stop = new AbortController();
    const sent: Request[] = [];
    const store = await newStore(
      (asked) => {
        sent.push(requestOf(asked));
        stop.abort(new Error('enough'));
        return requestOf(asked) === 'begin' ? { status: 503 } : ANSWERS[requestOf(asked)];
      },
      { maxAttempts: 3 },
      {},
    );
    await collectWarnings(async () => {
      expect(await write(store, stop.signal)).toBe(stop.signal.reason);
    });
    expect(sent.filter((request) => request === 'begin')).toHaveLength(1);
  });

  it('ends if the server answers neither the completion nor whether it has completed', async () => {
    const stop = new AbortController();
    const { store, sent, arrived } = await storeWithout(['complete', 'list']);
    const warnings = await collectWarnings(async () => {
      const written = write(store, stop.signal);
      await arrived;
      stop.abort(new Error('enough'));
      expect(await written).toBe(stop.signal.reason);
    });
    expect(warnings).toEqual(oneWarning(/\(upload id u\) may remain: /));
    // The server may be completing the upload, so it is not removed.
    expect(sent).not.toContain('remove');
  });

  it('ends if the handler of the client ignores the signal', async () => {
    const stop = new AbortController();
    let arrive = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const handle = () => {
      arrive();
      return UNANSWERED;
    };
    const store = await newStore(() => ({}), { requestHandler: { handle } as never }, LIMIT);
    const writer = await store.create('s3://b/k', { signal: stop.signal });
    const finished = writer.finish();
    await arrived;
    stop.abort(new Error('enough'));
    await expect(finished).rejects.toThrow('enough');
    await writer.abort();
  });

  it('lets writeRecords reject with the reason of the signal', async () => {
    const stop = new AbortController();
    const store = await newStore(
      (asked) => {
        if (asked.url.searchParams.has('list-type')) return { body: listOf('') };
        const request = requestOf(asked);
        if (request === 'part') setImmediate(() => stop.abort(new Error('enough')));
        return request === 'part' || request === 'remove' ? UNANSWERED : ANSWERS[request];
      },
      { maxAttempts: 3 },
      LIMIT,
    );
    const records$ = concat(fromIterable([NINE_MEBIBYTES, NINE_MEBIBYTES]), NEVER);
    const options = { store, recordFormat: 'TFRecord', signal: stop.signal } as const;
    const warnings = await collectWarnings(() =>
      expect(writeRecords(records$, 's3://b/k', options)).rejects.toThrow('enough'),
    );
    expect(warnings).toEqual(oneWarning(/s3:\/\/b\/k \(upload id u\)/));
  });
});
