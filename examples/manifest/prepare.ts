import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { toAsyncIterable } from 'millrace';
import { encodeManifestLine } from 'millrace/formats';
import { mapAsync } from 'millrace/operators';
import sharp from 'sharp';
import { PARTS, readDigits, type Digit } from '../zipped/readDigits.js';

const SIDE = 8;

const [, , folder] = argv;
if (folder === undefined) throw new Error('The output folder is missing: prepare.ts <folder>');
mkdirSync(folder, { recursive: true });

for (const part of PARTS) {
  mkdirSync(join(folder, part), { recursive: true });
  const lines$ = readDigits(part).pipe(mapAsync((digit, index) => writeDigit(digit, `${part}/${index}.png`, folder)));
  const lines: Uint8Array[] = [];
  for await (const line of toAsyncIterable(lines$)) lines.push(line);
  writeFileSync(join(folder, `${part}.manifest`), Buffer.concat(lines));
}
copyFileSync(fileURLToPath(new URL('job.json', import.meta.url)), join(folder, 'job.json'));

/** Writes the scan as a grey PNG, and returns the manifest line. */
async function writeDigit({ image, label }: Digit, path: string, root: string): Promise<Uint8Array> {
  await sharp(image.data, { raw: { width: SIDE, height: SIDE, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toFile(join(root, path));
  return encodeManifestLine({ 'image-ref': path, label: Number(label.data[0]) });
}
