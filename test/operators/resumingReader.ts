// A training process. Its arguments are the job's tree, the cursor's file, the interval of saves, and whether the job
// shuffles. Writes a line for each delivered batch immediately.
import { writeSync } from 'node:fs';
import { argv } from 'node:process';
import { repeat } from 'rxjs';
import { batch, decodeTFRecord, prefetch, resumable, shuffle } from 'millrace/operators';
import { channel, loadCursor, saveCursor, toAsyncIterable } from 'millrace';

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
