import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, of, toArray, type Observable } from 'rxjs';
import sharp from 'sharp';
import { batch } from '../../operators/batch.js';
import { decodeImage } from '../../operators/decodeImage.js';
import { decodeRecordIO } from '../../operators/decodeRecordIO.js';
import { parseImageRecord } from '../../operators/parseImageRecord.js';
import { ndarray, type NDArray } from '../../src/arrays/ndarray.js';
import { encodeImageRecord } from '../../src/formats/imageRecord/imageRecord.js';
import { encodeRecordIO } from '../../src/formats/recordio/encodeRecordIO.js';
import { recordsFromFiles } from '../../src/pipeline/records/recordsFromFiles.js';
import { writeFiles } from '../pipeline/recordFiles.js';
import { collectWarnings } from '../support/collectWarnings.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();
const png = sharp({ create: { width: 1, height: 1, channels: 3, background: { r: 1, g: 2, b: 3 } } })
  .png()
  .toBuffer();
const all = <T>(items$: Observable<T>): Promise<T[]> => lastValueFrom(items$.pipe(toArray()));

describe('parseImageRecord', () => {
  it('makes batches of images and labels of a RecordIO file', async () => {
    const folder = newFolder();
    const written = [encodeImageRecord(await png, [1, 2], 5n), encodeImageRecord(await png, [3, 4], 6n)];
    const frames = written.map((record) => encodeRecordIO(record, { multipart: 'dmlc' }));
    writeFiles(folder, { 'train.rec': Buffer.concat(frames) });
    const recordFormat = decodeRecordIO({ multipart: 'dmlc' });
    const batches$ = recordsFromFiles(folder, { recordFormat }).pipe(
      parseImageRecord(),
      decodeImage({ feature: 'image' }),
      batch(2),
    );
    const [found] = await all(batches$);
    const image: NDArray<'uint8'> = found!.image;
    const label: NDArray<'float32'> = found!.label;
    const id: bigint[] = found!.id;
    expect(image).toEqual(ndarray('uint8', [2, 1, 1, 3], Uint8Array.of(1, 2, 3, 1, 2, 3)));
    expect(label).toEqual(ndarray('float32', [2, 2], Float32Array.of(1, 2, 3, 4)));
    expect(id).toEqual([5n, 6n]);
  });

  it('names the file and the byte of a bad record, and skips it on request', async () => {
    const path = join(newFolder(), 'a.rec');
    const good = encodeRecordIO(encodeImageRecord(Uint8Array.of(9), 1));
    writeFiles(path.slice(0, -5), { 'a.rec': Buffer.concat([good, encodeRecordIO(Buffer.from('text')), good]) });
    const records$ = recordsFromFiles(path, { recordFormat: 'RecordIO' });
    await expect(all(records$.pipe(parseImageRecord()))).rejects.toMatchObject({
      path,
      message: `im2rec: ${path}, record at byte ${good.length + 8}: expected a header of im2rec and 0 labels (24 bytes), found 4 bytes (byte 4 of the record)`,
    });
    const warnings = await collectWarnings(async () => {
      expect(await all(records$.pipe(parseImageRecord({ onBadRecord: 'skip' })))).toHaveLength(2);
    });
    expect(warnings[0]?.message).toContain('parseImageRecord has skipped 1 bad record (4 bytes in total)');
  });

  it('refuses batches', async () => {
    const batches$ = of(encodeImageRecord(Uint8Array.of(9), 1)).pipe(batch(1)) as unknown as Observable<Uint8Array>;
    await expect(all(batches$.pipe(parseImageRecord()))).rejects.toThrow(
      'parseImageRecord: expected single records, found a batch: remove batch() before parseImageRecord',
    );
  });
});
