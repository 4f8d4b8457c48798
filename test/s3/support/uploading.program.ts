/** Writes to a server in all ways, and prints what keeps the process alive after each. It must end by itself. */
import { argv, getActiveResourcesInfo, memoryUsage } from 'node:process';
import { setImmediate } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { concat, NEVER, take, tap, throwError, type Observable } from 'rxjs';
import { ChannelError, fromIterable, recordsFromFiles, writeRecords } from 'millrace';
import { s3Store } from 'millrace/s3';

const MEBIBYTE = 1024 * 1024;

/** Closing a socket takes a few turns. */
const MOST_TURNS = 1000;

const [endpoint, accessKeyId, secretAccessKey] = argv.slice(2) as [string, string, string];
const client = new S3Client({
  ...{ endpoint, region: 'us-east-1', forcePathStyle: true, maxAttempts: 2 },
  credentials: { accessKeyId, secretAccessKey },
});
const store = s3Store(client, { backoffMs: 1, attempts: 2 });
const records = Array.from({ length: 20 }, () => new Uint8Array(MEBIBYTE));
const url = 's3://mill/left.tfrecord';

function write(source$: Observable<Uint8Array>, to = url, signal?: AbortSignal): Promise<string> {
  return writeRecords(source$, to, { recordFormat: 'TFRecord', store, overwrite: true, signal }).then(
    () => 'complete',
    (error: unknown) => (error instanceof ChannelError ? error.code : (error as Error).message),
  );
}

const failing$ = concat(
  fromIterable(records),
  throwError(() => new Error('failed')),
);

function abortedAfter(count: number): Promise<string> {
  const stop = new AbortController();
  let seen = 0;
  const endless$ = concat(fromIterable(records), NEVER);
  const stopping$ = endless$.pipe(tap(() => ++seen === count && stop.abort(new Error('aborted'))));
  return write(stopping$, url, stop.signal);
}

async function read(atFirst: 'to the end' | 'unsubscribe' | 'abort'): Promise<string> {
  const stop = new AbortController();
  const read$ = recordsFromFiles(url, { recordFormat: 'TFRecord', store, rangeBytes: MEBIBYTE, signal: stop.signal });
  return new Promise((resolve) => {
    const some$ = atFirst === 'unsubscribe' ? read$.pipe(take(1)) : read$;
    some$.subscribe({
      next: () => {
        if (atFirst === 'abort') stop.abort(new Error('aborted'));
      },
      error: (error: unknown) => resolve((error as Error).message),
      complete: () => resolve('complete'),
    });
  });
}

const WAYS: Readonly<Record<string, () => Promise<string>>> = {
  'one put': () => write(fromIterable(records.slice(0, 2))),
  'parts to the end': () => write(fromIterable(records)),
  'a source that fails': () => write(failing$),
  'a refusal': () => write(fromIterable(records), 's3://none/left.tfrecord'),
  'aborted before a part': () => abortedAfter(2),
  'aborted during parts': () => abortedAfter(18),
  'read to the end': () => read('to the end'),
  'unsubscribed from a read': () => read('unsubscribe'),
  'aborted read': () => read('abort'),
};

for (const [way, run] of Object.entries(WAYS)) {
  const ending = await run();
  // The client belongs to the caller. Its connections wait for further requests.
  client.destroy();
  for (let turn = 0; turn < MOST_TURNS && getActiveResourcesInfo().length > 0; turn++) await setImmediate();
  const left = getActiveResourcesInfo().map((name) => `, left ${name}`);
  console.log(`${way}: ${ending}${left.join('')}`);
}

const before = await usedMebibytes();
for (let run = 0; run < 3; run++) await abortedAfter(18);
const growth = (await usedMebibytes()) - before;
console.log(growth < 8 ? 'memory: released' : `memory: ${growth} MiB left`);

/** Memory of buffers, which the parts of uploads have. */
async function usedMebibytes(): Promise<number> {
  for (let turn = 0; turn < 10; turn++) {
    globalThis.gc?.();
    await setImmediate();
  }
  return memoryUsage().arrayBuffers / MEBIBYTE;
}
