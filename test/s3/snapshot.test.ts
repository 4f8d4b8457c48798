import { CreateBucketCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { concat, NEVER, Subject, take, throwError, type Observable } from 'rxjs';
import { snapshot, type SnapshotOptions } from '../../operators/snapshot.js';
import { definePipeline } from '../../src/pipeline/declared/definePipeline.js';
import { s3Store } from '../../src/s3/s3Store.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { all } from '../sinks/support/numbered.js';
import { nextTurn } from '../support/fifoWriter.js';
import { patternBytes } from '../stores/support/rangeServer.js';
import { clientsOf } from './support/clientsOf.js';
import { obeyCondition } from './support/conditionalClient.js';
import { runningSwift } from './support/runningSwift.js';

const MEBIBYTE = 1024 * 1024;
const server = await runningSwift('test/s3/snapshot.test.ts');
const clientOf = clientsOf(server);
const client = clientOf();
const store = s3Store(client, { backoffMs: 1 });

async function listed(prefix: string): Promise<string[]> {
  const urls: string[] = [];
  for await (const { url } of store.list(prefix)) urls.push(url);
  return urls;
}

async function unfinishedUploads(): Promise<number> {
  return (await client.send(new ListMultipartUploadsCommand({ Bucket: 'mill' }))).Uploads?.length ?? 0;
}

async function put(url: string, bytes: Uint8Array): Promise<void> {
  const writer = await store.create(url);
  await writer.write(bytes);
  await writer.finish();
}

const ITEMS = Array.from({ length: 20 }, (_, index) => ({ index, data: patternBytes(MEBIBYTE + index) }));
const OPTIONS: SnapshotOptions = { key: 'v1', store };

beforeAll(async () => {
  if (server) await client.send(new CreateBucketCommand({ Bucket: 'mill' }));
});

afterAll(() => client.destroy());

(server ? describe : describe.skip)('snapshot in a bucket of a real server', () => {
  const shown = async (items$: Observable<(typeof ITEMS)[number]>): Promise<unknown[]> =>
    (await all(items$)).map(({ index, data }) => [index, Buffer.compare(data, ITEMS[index]!.data)]);
  const expected = ITEMS.map(({ index }) => [index, 0]);

  it('is written as one object of several parts, and is read by later pipelines', async () => {
    const written = fromIterable(ITEMS).pipe(snapshot('S3://mill/several/', OPTIONS));
    expect(await shown(written)).toEqual(expected);
    expect(await shown(NEVER.pipe(snapshot('s3://mill/several', OPTIONS)))).toEqual(expected);
    expect(await listed('s3://mill/several/')).toHaveLength(1);
    expect(await unfinishedUploads()).toBe(0);
  });

  it('leaves no object and no upload after an error or an early unsubscription', async () => {
    const failing = concat(
      fromIterable(ITEMS),
      throwError(() => new Error('source')),
    );
    await expect(all(failing.pipe(snapshot('s3://mill/failed', OPTIONS)))).rejects.toThrow('source');
    expect(await listed('s3://mill/failed')).toEqual([]);
    await all(fromIterable(ITEMS).pipe(snapshot('s3://mill/early', OPTIONS), take(15)));
    while ((await listed('s3://mill/early')).length + (await unfinishedUploads()) > 0) await nextTurn();
  });

  async function writeTwice(url: string, options: SnapshotOptions): Promise<readonly number[]> {
    const [first, second] = [new Subject<number>(), new Subject<number>()];
    const results = [first, second].map((source) => all(source.pipe(snapshot(url, options))));
    while (!first.observed || !second.observed) await nextTurn();
    first.next(1);
    second.next(2);
    first.complete();
    second.complete();
    expect(await Promise.all(results)).toEqual([[1], [2]]);
    return all(NEVER.pipe(snapshot(url, options)));
  }

  it('is completed by the first of two writers, if the server obeys If-None-Match', async () => {
    const conditional = clientOf();
    const seen = obeyCondition(conditional, client);
    for (let round = 0; round < 5; round++) {
      const url = `s3://mill/two-${round}`;
      const kept = await writeTwice(url, { key: 'v1', store: s3Store(conditional, { backoffMs: 1 }) });
      expect([[1], [2]]).toContainEqual(kept);
      expect(await listed(url)).toHaveLength(1);
    }
    expect(new Set(seen)).toEqual(new Set(['PutObjectCommand *']));
    conditional.destroy();
  });

  it('is complete after two writers, if the server does not obey If-None-Match', async () => {
    for (let round = 0; round < 5; round++) {
      expect([[1], [2]]).toContainEqual(await writeTwice(`s3://mill/both-${round}`, { key: 'v1', store }));
    }
  });

  it('is a stage of a declared pipeline, whose key contains the versions of the objects', async () => {
    const lines = (...items: string[]): Uint8Array => Buffer.from(items.map((item) => `${item}\n`).join(''));
    const spec = {
      channels: { train: { files: 's3://mill/data/', recordFormat: 'TextLine' } },
      stages: [{ stage: 'snapshot', folder: 's3://mill/declared' }],
    } as const;
    const read = async (): Promise<string> =>
      Buffer.concat(await all(definePipeline(spec, { store }) as Observable<Uint8Array>)).toString();
    await put('s3://mill/data/a', lines('one'));
    expect([await read(), await read()]).toEqual(['one', 'one']);
    await put('s3://mill/data/a', lines('two'));
    expect([await read(), await read()]).toEqual(['two', 'two']);
    expect(await listed('s3://mill/declared')).toHaveLength(2);
  });
});
