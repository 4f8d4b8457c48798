import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, map, toArray, type Observable, type OperatorFunction } from 'rxjs';
import { decodeRecordIO } from '../../operators/decodeRecordIO.js';
import { decodeTFRecord } from '../../operators/decodeTFRecord.js';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { encodeRecordIO } from '../../src/formats/recordio/encodeRecordIO.js';
import { encodeTFRecord } from '../../src/formats/tfrecord/encodeTFRecord.js';
import { encodeTextLine } from '../../src/formats/text/encodeTextLine.js';
import { channel } from '../../src/sources/channel.js';
import { fromFifo } from '../../src/sources/fromFifo.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { FifoWriter, feedFifo, makeFifo, nextTurn, until } from '../support/fifoWriter.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { TrainingTree } from '../support/trainingTree.js';

const newFolder = temporaryFolders();

const WORDS = ['first', 'second', 'third'];
interface Format {
  readonly encode: (payload: Uint8Array) => Uint8Array;
  readonly decode: () => OperatorFunction<Uint8Array, Uint8Array>;
}
const FORMATS: readonly (readonly [string, Format])[] = [
  ['TFRecord', { encode: encodeTFRecord, decode: () => decodeTFRecord() }],
  ['RecordIO', { encode: encodeRecordIO, decode: () => decodeRecordIO() }],
  ['text', { encode: encodeTextLine, decode: () => decodeTextLine() }],
];
const bytesOf = ({ encode }: Format): Buffer => Buffer.concat(WORDS.map((word) => encode(Buffer.from(word))));

function wordsOf(bytes$: Observable<Uint8Array>, { decode }: Format): Promise<string[]> {
  const words$ = bytes$.pipe(
    decode(),
    map((record) => Buffer.from(record).toString()),
    toArray(),
  );
  return firstValueFrom(words$);
}

/** Writes to a FIFO from a separate process, and kills this process while the FIFO is open. */
async function writeAndBeKilled(path: string, bytes: Uint8Array): Promise<void> {
  const writer = spawn('sh', ['-c', `exec 3> ${path}; cat >&3; kill -KILL $$`], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  writer.stdin.end(bytes);
  expect(await once(writer, 'exit')).toEqual([null, 'SIGKILL']);
}

const failed = (code: string, message: RegExp): unknown =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe('channel, its writer', () => {
  it.each(FORMATS.slice(0, 2))(
    'killed inside a record of %s, says where, and reads the next epoch',
    async (_, format) => {
      const tree = new TrainingTree(newFolder());
      const bytes = bytesOf(format);
      const second = format.encode(Buffer.from('first')).byteLength;
      const train$ = channel('train', { baseDir: tree.baseDir });
      for (const [epoch, length] of [second + 1, second + 9, bytes.byteLength - 1].entries()) {
        const reading = wordsOf(train$, format).catch((error: unknown) => error);
        await writeAndBeKilled(tree.makeFifo('train', epoch), bytes.subarray(0, length));
        expect(await reading).toEqual(failed('ERR_FORMAT_TRUNCATED', /record [12], byte offset/));
      }
      const reading = wordsOf(train$, format);
      await feedFifo(tree.makeFifo('train', 3), bytes);
      expect(await reading).toEqual(WORDS);
    },
  );

  it.each(FORMATS)('if it is very slow, delivers every record of %s', async (_, format) => {
    const tree = new TrainingTree(newFolder());
    const reading = wordsOf(channel('train', { baseDir: tree.baseDir }), format);
    const writer = await FifoWriter.open(tree.makeFifo('train', 0));
    for (const byte of bytesOf(format)) {
      await writer.write(Uint8Array.of(byte));
      await nextTurn();
    }
    writer.close();
    expect(await reading).toEqual(WORDS);
  });

  it('if it closes before the reader opens, makes an empty epoch, and later writers do not write to it', async () => {
    const tree = new TrainingTree(newFolder());
    const path = tree.makeFifo('train', 0);
    const consumer = consumeByHand(channel('train', { baseDir: tree.baseDir }));
    // All in one turn of the event loop: the reader has opened the FIFO, but cannot have polled it.
    consumer.gate.open();
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
    await until(() => consumer.ending() !== undefined);
    expect([consumer.items, consumer.ending()]).toEqual([[], 'complete']);
    expect(() => openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)).toThrow('ENXIO');
  });
});

describe('channel, its FIFO', () => {
  it('is read after it replaces a regular file', async () => {
    const tree = new TrainingTree(newFolder());
    const path = tree.fifoPath('train', 0);
    writeFileSync(path, 'no FIFO');
    const train$ = channel('train', { baseDir: tree.baseDir });
    const [, text] = FORMATS[2]!;
    await expect(wordsOf(train$, text)).rejects.toEqual(
      failed('ERR_CHANNEL_IO', /train_0: expected a FIFO, found a regular file/),
    );
    makeFifo(`${path}.new`);
    renameSync(`${path}.new`, path);
    const reading = wordsOf(train$, text);
    await feedFifo(path, bytesOf(text));
    expect(await reading).toEqual(WORDS);
  });

  it('is named after openTimeoutMs if it is missing for the next epoch, and read after it appears', async () => {
    const tree = new TrainingTree(newFolder());
    const [, text] = FORMATS[2]!;
    const options = { baseDir: tree.baseDir };
    const reading = wordsOf(channel('train', options), text);
    await feedFifo(tree.makeFifo('train', 0), bytesOf(text));
    expect(await reading).toEqual(WORDS);
    const late = failed(
      'ERR_CHANNEL_OPEN_TIMEOUT',
      /No FIFO appeared at .*train_1 within 20 ms\. The folder contains train_0\./,
    );
    await expect(wordsOf(channel('train', { ...options, openTimeoutMs: 20 }), text)).rejects.toEqual(late);
    const next = wordsOf(channel('train', options), text);
    await feedFifo(tree.makeFifo('train', 1), bytesOf(text));
    expect(await next).toEqual(WORDS);
  });
});

describe('fromFifo, silent', () => {
  async function silent(change: (path: string) => void): Promise<unknown> {
    const path = makeFifo(join(newFolder(), 'fifo'));
    const consumer = consumeByHand(fromFifo(path, { idleTimeoutMs: 200 }));
    consumer.gate.open();
    change(path);
    await until(() => consumer.ending() !== undefined);
    return consumer.ending();
  }

  it('says that no byte has arrived since it was opened', async () => {
    const error = await silent(() => undefined);
    expect(error).toEqual(
      failed('ERR_CHANNEL_IDLE_TIMEOUT', /for 200 ms since it was opened, although data was requested\. The w/),
    );
  });

  it('says that it was removed', async () => {
    const error = await silent((path) => rmSync(path));
    expect(error).toEqual(failed('ERR_CHANNEL_IDLE_TIMEOUT', /The FIFO was removed after it was opened/));
  });

  it('says that it was replaced', async () => {
    const error = await silent((path) => {
      rmSync(path);
      makeFifo(path);
    });
    expect(error).toEqual(failed('ERR_CHANNEL_IDLE_TIMEOUT', /The FIFO was replaced after it was opened/));
  });
});
