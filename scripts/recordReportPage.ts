import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fromAsyncIterable, toAsyncIterable } from 'millrace';
import { batch, decodeTextLine, mapAsync, prefetch, report, shuffle } from 'millrace/operators';
import { recordPage } from './site/recordPage.js';

/**
 * Draws `docs/reportPage*.webp`: the page of a pipeline with a source that is slow at first, and a consumer that is
 * slow later. Needs Chromium.
 */
const LINES = Buffer.from(Array.from({ length: 200 }, (_, i) => `line ${i}\n`).join(''));

async function* download(): AsyncGenerator<Uint8Array> {
  for (let chunk = 0; chunk < 150; chunk++) {
    await delay(chunk > 40 && chunk < 80 ? 25 : 4);
    yield LINES;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'millrace-page-'));
const page = join(folder, 'report.html');
const batches$ = fromAsyncIterable({ [Symbol.asyncIterator]: download }).pipe(
  decodeTextLine(),
  shuffle(1000, { seed: 1 }),
  batch(64),
  mapAsync((lines) => delay(4, lines), { concurrency: 2 }),
  prefetch(8),
  report({ consumer: 'training', page }),
);
for (let epoch = 0; epoch < 3; epoch++) {
  let count = 0;
  for await (const lines of toAsyncIterable(batches$)) if (++count > 200) await delay(lines.length / 5);
}
// The page is written at most once a second.
while (!readFileSync(page, 'utf8').includes('3 epochs')) await delay(100);

const prepare = `
  const slider = document.getElementById('at');
  slider.value = slider.max / 5;
  slider.dispatchEvent(new Event('input'));
`;
await recordPage(page, 'reportPage', prepare);
rmSync(folder, { recursive: true });
