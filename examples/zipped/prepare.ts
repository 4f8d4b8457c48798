import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { toAsyncIterable } from 'millrace';
import { encodeRecordIO, encodeTextLine } from 'millrace/formats';
import { PARTS, readDigits } from './readDigits.js';

const [, , folder] = argv;
if (folder === undefined) throw new Error('The output folder is missing: prepare.ts <folder>');

for (const part of PARTS) {
  const pixels: Uint8Array[] = [];
  const labels: Uint8Array[] = [];
  for await (const { image, label } of toAsyncIterable(readDigits(part))) {
    pixels.push(encodeRecordIO(image.data));
    labels.push(encodeTextLine(String(label.data[0])));
  }
  write(folder, `${part}-pixels`, 'digits.recordio', pixels);
  write(folder, `${part}-labels`, 'digits.txt', labels);
}
copyFileSync(fileURLToPath(new URL('job.json', import.meta.url)), join(folder, 'job.json'));

function write(root: string, channel: string, name: string, records: readonly Uint8Array[]): void {
  mkdirSync(join(root, channel), { recursive: true });
  writeFileSync(join(root, channel, name), Buffer.concat(records));
}
