import { createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReadableStream } from 'node:stream/web';
import { defer, from, map, mergeMap, type Observable } from 'rxjs';
import { channel, fromAsyncIterable, fromFifo, fromFile, fromReadable, records, recordsFromFiles } from 'millrace';
import { decodeTFRecord, decompress, unbatch } from 'millrace/operators';
import { startLocalAgent } from 'millrace/agent';
import { fromParquet } from 'millrace/parquet';
import { channelOf } from '../agent/temporaryJob.js';
import { FifoWriter, makeFifo } from '../support/fifoWriter.js';
import { turn, type Run } from './run.js';

/** Emits records of TFRecord files. Each subscription reads again. */
export type Source = (run: Run) => Observable<Uint8Array>;

const CHUNK_BYTES = 4096;
/** The number of bytes in a FIFO before its writer falls silent. */
const FIRST_BYTES = 10_000;

const plain = (run: Run) => join(run.data, 'plain', '0.tfrecord');
const gzipped = (run: Run) => join(run.data, 'gzipped', '0.tfrecord.gz');

/** Every source of records. To add one, add a line. */
export const SOURCES: Readonly<Record<string, Source>> = {
  'a channel': (run) =>
    fromAgent(run, 'plain', (baseDir) =>
      channel('plain', { baseDir, signal: run.abort.signal }).pipe(decodeTFRecord()),
    ),
  'a compressed channel': (run) =>
    fromAgent(run, 'gzipped', (baseDir) =>
      channel('gzipped', { baseDir, signal: run.abort.signal }).pipe(decompress('auto'), decodeTFRecord()),
    ),
  'records of a channel': (run) =>
    fromAgent(run, 'plain', (baseDir) =>
      records('plain', { baseDir, recordFormat: 'TFRecord', signal: run.abort.signal }),
    ),
  'records of a channel in File mode': (run) =>
    fromAgent(run, 'files', (baseDir) =>
      records('files', { baseDir, recordFormat: 'TFRecord', shuffleSeed: 1, signal: run.abort.signal }),
    ),
  'files in turn': (run) =>
    recordsFromFiles(join(run.data, '*', '*'), {
      recordFormat: 'TFRecord',
      cycleLength: 1 + run.random(4),
      signal: run.abort.signal,
    }),
  'row groups of a Parquet file': (run) =>
    fromParquet(join(run.data, 'records.parquet'), {
      columns: { record: 'string' },
      signal: run.abort.signal,
    }).pipe(
      unbatch(),
      map(({ record }) => record.data[0]!),
    ),
  'a file in small chunks': (run) =>
    fromFile(plain(run), { chunkBytes: CHUNK_BYTES, signal: run.abort.signal }).pipe(decodeTFRecord()),
  'a compressed file': (run) =>
    fromFile(gzipped(run), { chunkBytes: 100, signal: run.abort.signal }).pipe(decompress('gzip'), decodeTFRecord()),
  'a stream': (run) =>
    defer(() => fromReadable(createReadStream(plain(run)), { signal: run.abort.signal })).pipe(decodeTFRecord()),
  // Not Readable.toWeb(): in Node 20, a stream that is cancelled while it reads can throw an uncaught ERR_INVALID_STATE.
  'a web stream': (run) =>
    defer(() => fromReadable(ReadableStream.from(chunksOf(plain(run))), { signal: run.abort.signal })).pipe(
      decodeTFRecord(),
    ),
  'an async generator': (run) =>
    fromAsyncIterable({ [Symbol.asyncIterator]: () => chunksOf(plain(run)) }).pipe(decodeTFRecord()),
  'an async generator that fails': (run) => fromAsyncIterable(failingChunks(run)).pipe(decodeTFRecord()),
  'a FIFO whose writer falls silent': (run) => {
    run.isEndless = true;
    return defer(() => fromFifo(fedAndHeld(run), { signal: run.abort.signal })).pipe(decodeTFRecord());
  },
  'a FIFO without a writer': (run) => {
    run.isEndless = true;
    const path = makeFifo(join(temporaryFolder(run), 'fifo'));
    return fromFifo(path, { idleTimeoutMs: 60_000, signal: run.abort.signal }).pipe(decodeTFRecord());
  },
  'a FIFO that is not there': (run) => {
    run.isEndless = true;
    return fromFifo(join(run.data, 'absent'), { signal: run.abort.signal }).pipe(decodeTFRecord());
  },
};

type Channel = 'plain' | 'gzipped' | 'files';

function fromAgent<T>(run: Run, name: Channel, open: (baseDir: string) => Observable<T>): Observable<T> {
  const agent = startAgent(run, name);
  run.isReady = agent;
  return from(agent).pipe(mergeMap(({ baseDir }) => open(baseDir)));
}

async function startAgent(run: Run, name: Channel) {
  const more = name === 'files' ? ({ InputMode: 'File' } as const) : {};
  const folder = name === 'gzipped' ? name : 'plain';
  const agent = await startLocalAgent({ InputDataConfig: [channelOf(name, join(run.data, folder), more)] });
  run.onEnd(() => agent.close());
  return agent;
}

async function* chunksOf(path: string): AsyncGenerator<Uint8Array, void> {
  const file = await open(path);
  try {
    for (;;) {
      const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(CHUNK_BYTES) });
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
      await turn();
    }
  } finally {
    await file.close();
  }
}

function failingChunks(run: Run): AsyncIterable<Uint8Array> {
  const left = run.random(10);
  return {
    async *[Symbol.asyncIterator]() {
      let count = 0;
      for await (const chunk of chunksOf(plain(run))) {
        if (count++ === left) run.throwBoom();
        yield chunk;
      }
    },
  };
}

/** A FIFO that receives some bytes when a reader comes, then stays open without data until the end of the run. */
function fedAndHeld(run: Run): string {
  const path = makeFifo(join(temporaryFolder(run), 'fifo'));
  let release: (value: undefined) => void = () => undefined;
  const over = new Promise<undefined>((resolve) => (release = resolve));
  const feed = async (): Promise<void> => {
    const writer = await Promise.race([FifoWriter.open(path), over]);
    if (!writer) return;
    await writer.write(readFileSync(plain(run)).subarray(0, FIRST_BYTES));
    await over;
    writer.close();
  };
  const fed = feed();
  run.onEnd(() => {
    release(undefined);
    return fed;
  });
  return path;
}

function temporaryFolder(run: Run): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-stops-'));
  run.onEnd(() => rmSync(folder, { recursive: true }));
  return folder;
}
