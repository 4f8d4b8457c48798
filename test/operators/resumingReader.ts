// A training process. Its arguments are the job's tree, the cursor's file, the interval of saves, and whether the job
// shuffles. Writes a line for each delivered batch immediately.
import { writeSync } from 'node:fs';
import { argv } from 'node:process';
import { repeat } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { decodeTFRecord } from '../../operators/decodeTFRecord.js';
import { prefetch } from '../../operators/prefetch.js';
import { resumable } from '../../operators/resumable.js';
import { shuffle } from '../../operators/shuffle.js';
import { loadCursor, saveCursor } from '../../src/resume/cursorFile.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { channel } from '../../src/sources/channel.js';

const EPOCHS = 3;
const [, , baseDir, path, saveEvery, shuffled] = argv as [string, string, string, string, string, string];
const resume = resumable<Uint8Array[]>({
  cursor: loadCursor(path),
  shuffledChannels: shuffled === 'true' ? ['train'] : [],
});
const batches$ = channel('train', { baseDir }).pipe(
  decodeTFRecord(),
  shuffle(50, { seed: 7 }),
  batch(8),
  prefetch(4),
  resume,
  repeat(EPOCHS - resume.cursor().epoch),
);
let delivered = 0;
for await (const records of toAsyncIterable(batches$)) {
  writeLine(records.map((record) => Buffer.from(record).toString()).join());
  if (++delivered % Number(saveEvery) === 0) saveCursor(path, resume.cursor());
}
saveCursor(path, resume.cursor());

/** Waits while the pipe is full, because the pipe does not block. */
function writeLine(line: string): void {
  for (let rest = Buffer.from(`${line}\n`); rest.length > 0;) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}
