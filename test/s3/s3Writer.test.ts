import { CreateBucketCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { concat, concatMap, lastValueFrom, tap, throwError, toArray } from 'rxjs';
import { crc32c } from '../../src/formats/crc32c/crc32c.js';
import { writeItems } from '../../src/cli/recordOutput.js';
import { encodeTFRecord } from '../../src/formats/tfrecord/encodeTFRecord.js';
import { s3Store } from '../../src/s3/s3Store.js';
import { writeRecords, type WriteRecordsOptions } from '../../src/sinks/writeRecords.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { storeBytes } from '../../src/stores/storeBytes.js';
import { patternBytes } from '../stores/support/rangeServer.js';
import { FaultProxy, type Fault } from '../stores/support/faultProxy.js';
import { obeyCondition } from './support/conditionalClient.js';
import { clientsOf } from './support/clientsOf.js';
import { runningSwift } from './support/runningSwift.js';

const MEBIBYTE = 1024 * 1024;
const server = await runningSwift('test/s3/s3Writer.test.ts');

const clientOf = clientsOf(server);

const client = clientOf();
const store = s3Store(client, { backoffMs: 1 });

async function read(url: string): Promise<Buffer | undefined> {
  for await (const object of store.list(url)) {
    if (object.url === url) return Buffer.concat(await lastValueFrom(storeBytes(store, object).pipe(toArray())));
  }
  return undefined;
}

async function listed(prefix: string): Promise<string[]> {
  const urls: string[] = [];
  for await (const { url } of store.list(prefix)) urls.push(url.slice('s3://mill/'.length));
  return urls;
}

async function unfinishedUploads(): Promise<string[]> {
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'mill' }));
  return Uploads.map(({ Key = '' }) => Key);
}

beforeAll(async () => {
  if (server) await client.send(new CreateBucketCommand({ Bucket: 'mill' }));
});

afterAll(() => {
  client.destroy();
});

(server ? describe : describe.skip)('s3Store with a real server, writing', () => {
  it.each([0, 8 * MEBIBYTE, 17 * MEBIBYTE])('writes an object of %i bytes when it is finished', async (size) => {
    const url = `s3://mill/sizes/${size} a+ü`;
    const bytes = patternBytes(size);
    const writer = await store.create(url);
    for (let at = 0; at < size; at += 3_000_000) await writer.write(bytes.subarray(at, at + 3_000_000));
    expect(await read(url)).toBeUndefined();
    await writer.finish();
    expect((await read(url))?.equals(bytes)).toBe(true);
    expect(await unfinishedUploads()).toEqual([]);
  });

  it('aborts an upload', async () => {
    const writer = await store.create('s3://mill/aborted');
    await writer.write(patternBytes(9 * MEBIBYTE));
    expect(await unfinishedUploads()).toEqual(['aborted']);
    await writer.abort();
    expect(await unfinishedUploads()).toEqual([]);
    expect(await listed('s3://mill/aborted')).toEqual([]);
  });

  it('removes an object, and what killed writers have left', async () => {
    for (const key of ['left/a', 'left/b', 'other']) {
      await (await store.create(`s3://mill/${key}`)).write(patternBytes(9 * MEBIBYTE));
    }
    expect((await unfinishedUploads()).sort()).toEqual(['left/a', 'left/b', 'other']);
    await store.removeUnfinished('s3://mill/left/', (url) => url.endsWith('/a'));
    await store.removeUnfinished('s3://mill/other', () => true);
    expect(await unfinishedUploads()).toEqual(['left/b']);
    await store.removeUnfinished('s3://mill/', () => true);
    await (await store.create('s3://mill/one')).finish();
    await store.remove('s3://mill/one');
    await store.remove('s3://mill/one');
    expect(await listed('s3://mill/one')).toEqual([]);
  });

  it('ends with the reason of the signal', async () => {
    const stop = new AbortController();
    const writer = await store.create('s3://mill/stopped', { signal: stop.signal });
    await writer.write(patternBytes(9 * MEBIBYTE));
    stop.abort(new Error('enough'));
    await expect(writer.write(patternBytes(9 * MEBIBYTE))).rejects.toThrow('enough');
    await writer.abort();
    expect(await unfinishedUploads()).toEqual([]);
  });

  it('rejects with status and remedy', async () => {
    const refused = s3Store(
      clientOf({ credentials: { accessKeyId: server?.accessKeyId ?? '', secretAccessKey: 'wrong' } }),
    );
    const write = async (target: typeof store, url: string) => (await target.create(url)).finish();
    await expect(write(refused, 's3://mill/x')).rejects.toMatchObject({
      code: 'ERR_CHANNEL_IO',
      status: 403,
      path: 's3://mill/x',
    });
    await expect(write(refused, 's3://mill/x')).rejects.toThrow(
      /^Cannot write s3:\/\/mill\/x: .* Check the secret key/,
    );
    await expect(write(store, 's3://none/x')).rejects.toThrow(
      /404 \(NoSuchBucket: .*\)\. Check the name of the bucket/,
    );
  });
});

(server ? describe : describe.skip)('s3Store with a real server, writing exclusively', () => {
  const SIZES = [10, 9 * MEBIBYTE];
  const conditional = clientOf();
  const seen = obeyCondition(conditional, client);
  const obeying = s3Store(conditional, { backoffMs: 1 });
  afterAll(() => conditional.destroy());

  it.each(SIZES)('lets one of two writers of %i bytes win', async (size) => {
    const url = `s3://mill/race/${size}`;
    seen.length = 0;
    const [one, other] = await Promise.all([1, 2].map(() => obeying.create(url, { exclusive: true })));
    await one!.write(patternBytes(size));
    await other!.write(patternBytes(size).fill(1));
    await one!.finish();
    const second = other!.finish();
    await expect(second).rejects.toMatchObject({ code: 'ERR_CHANNEL_IO', status: 412, path: url });
    await expect(second).rejects.toThrow(
      /another writer has written it in the meantime, and this run did not replace it\. Two/,
    );
    await other!.abort();
    expect((await read(url))?.equals(patternBytes(size))).toBe(true);
    expect(await unfinishedUploads()).toEqual([]);
    const command = size < MEBIBYTE ? 'PutObjectCommand' : 'CompleteMultipartUploadCommand';
    expect(seen).toEqual([`${command} *`, `${command} *`]);
    const replacing = await obeying.create(url);
    await replacing.finish();
    expect(seen).toHaveLength(2);
  });

  it('writes to a server that refuses the condition, and sends it no more', async () => {
    const plain = clientOf();
    const store501 = s3Store(plain);
    const conditions: (string | undefined)[] = [];
    plain.middlewareStack.add(
      (next) => (step) => {
        conditions.push((step.request as { headers: Record<string, string> }).headers['if-none-match']);
        return next(step);
      },
      { step: 'build', name: 'seesCondition' },
    );
    for (const key of ['a', 'b']) await (await store501.create(`s3://mill/race/${key}`, { exclusive: true })).finish();
    expect(conditions).toEqual(['*', undefined, undefined]);
    expect(await listed('s3://mill/race/')).toEqual(expect.arrayContaining(['race/a', 'race/b']));
    plain.destroy();
  });

  describe('through a faulty network', () => {
    const lost: Fault = { kind: 'cut', at: 0 };
    const none: Fault = { kind: 'none' };
    let proxy: FaultProxy;

    beforeAll(async () => {
      proxy = await FaultProxy.start(Number(new URL(server!.endpoint).port));
    });
    afterAll(() => proxy.stop());

    it.each([
      [10, 'the put', [lost]],
      [9 * MEBIBYTE, 'the beginning', [lost]],
      [9 * MEBIBYTE, 'a part', [none, lost]],
      [9 * MEBIBYTE, 'the completion', [none, none, none, lost]],
      [9 * MEBIBYTE, 'the completion, each time,', [none, none, none, lost, lost, lost]],
    ])('writes %i bytes if the response to %s is lost', async (size, _what, faults) => {
      const through = clientOf({ endpoint: `http://127.0.0.1:${proxy.port}` });
      obeyCondition(through, client);
      proxy.play(faults);
      const url = `s3://mill/lost/${size} ${faults.length}`;
      const writer = await s3Store(through, { backoffMs: 1 }).create(url, { exclusive: true });
      await writer.write(patternBytes(size));
      await writer.finish();
      expect((await read(url))?.equals(patternBytes(size))).toBe(true);
      expect(await unfinishedUploads()).toEqual([]);
      through.destroy();
    });

    it('ends a listing and an upload from which no byte comes', async () => {
      const through = clientOf({ endpoint: `http://127.0.0.1:${proxy.port}`, maxAttempts: 1 });
      const hasty = s3Store(through, { idleTimeoutMs: 300 });
      for (const at of [0, 100]) {
        proxy.play([{ kind: 'stall', at }]);
        await expect(hasty.list('s3://mill/')[Symbol.asyncIterator]().next()).rejects.toMatchObject({
          code: 'ERR_CHANNEL_IO',
          message: expect.stringContaining('Cannot list s3://mill/: '),
        });
      }
      proxy.play([{ kind: 'stall', at: 0 }]);
      const writing = (await hasty.create('s3://mill/stalled')).finish();
      await expect(writing).rejects.toThrow(
        /TimeoutError: no byte was sent or received for 0\.3 seconds \(idleTimeoutMs\)\. Check/,
      );
      through.destroy();
    });
  });
});

(server ? describe : describe.skip)('writeRecords to a bucket', () => {
  const records = Array.from({ length: 25 }, (_, index) => patternBytes(MEBIBYTE).fill(index));
  const options: WriteRecordsOptions<Uint8Array> = { recordFormat: 'TFRecord', recordsPerFile: 10, store };

  it('removes the unfinished upload, and goes on to the same objects with resume', async () => {
    const pattern = 's3://mill/run/part-{shard}.tfrecord';
    const failing$ = concat(
      fromIterable(records.slice(0, 19)),
      throwError(() => new Error('the source')),
    );
    await expect(writeRecords(failing$, pattern, options)).rejects.toThrow('the source');
    expect(await unfinishedUploads()).toEqual([]);
    expect(await listed('s3://mill/run/')).toEqual(['run/part-00000.tfrecord', 'run/part.tfrecord.manifest.json']);

    const { files } = await writeRecords(fromIterable(records), pattern, { ...options, resume: true });
    for (const [index, file] of files.entries()) {
      const bytes = Buffer.concat(records.slice(10 * index, 10 * index + 10).map(encodeTFRecord));
      expect(file).toMatchObject({ path: `s3://mill/run/part-0000${index}.tfrecord`, bytes: bytes.length });
      expect(file.crc32c).toBe(crc32c(bytes).toString(16).padStart(8, '0'));
      expect((await read(file.path))?.equals(bytes)).toBe(true);
    }
    await expect(writeRecords(fromIterable(records), pattern, options)).rejects.toThrow(
      /files of another run exist: s3:/,
    );
    await writeRecords(fromIterable(records.slice(0, 1)), pattern, { ...options, overwrite: true });
    expect(await listed('s3://mill/run/')).toEqual(['run/part-00000.tfrecord', 'run/part.tfrecord.manifest.json']);
  });

  it('fails if another run writes the same objects, and keeps those of the other run', async () => {
    const racing = clientOf();
    obeyCondition(racing, client);
    const both = { ...options, store: s3Store(racing) };
    const pattern = 's3://mill/both/part-{shard}.tfrecord';
    const other = records.map((record) => record.map(() => 1));
    let first: Promise<unknown> | undefined;
    // The other run begins and ends while this one has listed the objects, and not finished one.
    const second$ = fromIterable(records).pipe(
      concatMap(async (record) => {
        first ??= writeRecords(fromIterable(other), pattern, both);
        await first;
        return record;
      }),
    );
    await expect(writeRecords(second$, pattern, both)).rejects.toThrow(/another writer has written it/);
    const written = await read('s3://mill/both/part-00000.tfrecord');
    expect(written?.equals(Buffer.concat(other.slice(0, 10).map(encodeTFRecord)))).toBe(true);
    expect(await unfinishedUploads()).toEqual([]);
    racing.destroy();
  });

  it('writes the items of millrace run', async () => {
    const { endpoint = '', region = '', accessKeyId = '', secretAccessKey = '' } = server ?? {};
    const environment = { AWS_ENDPOINT_URL: endpoint, AWS_REGION: region, AWS_ACCESS_KEY_ID: accessKeyId };
    Object.assign(process.env, environment, { AWS_SECRET_ACCESS_KEY: secretAccessKey });
    const { signal } = new AbortController();
    await writeItems(fromIterable(records.slice(0, 1)), { to: 's3://mill/command.tfrecord', signal });
    expect((await read('s3://mill/command.tfrecord'))?.equals(encodeTFRecord(records[0]!))).toBe(true);
  });

  it('aborts the upload with its signal', async () => {
    const stop = new AbortController();
    let count = 0;
    const aborting$ = fromIterable(records).pipe(tap(() => ++count === 20 && stop.abort(new Error('enough'))));
    const pattern = 's3://mill/stopped.tfrecord';
    const writing = writeRecords(aborting$, pattern, { recordFormat: 'TFRecord', store, signal: stop.signal });
    await expect(writing).rejects.toThrow('enough');
    expect(await unfinishedUploads()).toEqual([]);
    expect(await listed(pattern)).toEqual([]);
  });
});
