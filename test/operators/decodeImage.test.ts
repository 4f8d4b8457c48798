import { crc32, deflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, of, toArray, type Observable } from 'rxjs';
import sharp from 'sharp';
import { decodeImage, type DecodeImageOptions } from '../../operators/decodeImage.js';
import type { NDArray } from '../../src/arrays/ndarray.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { nextTurn, until } from '../support/fifoWriter.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { countedNumbers } from '../support/countedNumbers.js';

type Image = NDArray<'uint8'>;

/** Makes a PNG according to the specification: `colourType` 0 is grey, 2 is RGB, 6 is RGB with alpha. */
function png([height, width]: readonly [number, number], colourType: 0 | 2 | 6, pixels: readonly number[]): Uint8Array {
  const chunk = (type: string, data: Uint8Array): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    checksum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, checksum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, colourType], 8);
  const rowBytes = pixels.length / height;
  const rows = Array.from({ length: height }, (_, y) => [0, ...pixels.slice(y * rowBytes, (y + 1) * rowBytes)]);
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  const data = deflateSync(Uint8Array.from(rows.flat()));
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', new Uint8Array(0))]);
}

const decode = (files: Uint8Array[], options?: DecodeImageOptions): Promise<Image[]> =>
  lastValueFrom(fromIterable(files).pipe(decodeImage(options), toArray()));
const plain = ({ shape, data }: Image): unknown => [shape, [...data]];

const rgb = png([2, 1], 2, [1, 2, 3, 4, 5, 6]);
const grey = png([1, 3], 0, [7, 8, 9]);
const rgba = png([1, 2], 6, [1, 2, 3, 128, 4, 5, 6, 255]);

describe('decodeImage', () => {
  it('emits the pixels of PNGs as [height, width, channels]', async () => {
    const images$: Observable<Image> = of(rgb).pipe(decodeImage());
    expect(plain(await lastValueFrom(images$))).toEqual([
      [2, 1, 3],
      [1, 2, 3, 4, 5, 6],
    ]);
    expect((await decode([grey, rgba])).map(plain)).toEqual([
      [
        [1, 3, 3],
        [7, 7, 7, 8, 8, 8, 9, 9, 9],
      ],
      [
        [1, 2, 3],
        [1, 2, 3, 4, 5, 6],
      ],
    ]);
    expect((await decode([grey], { channels: 1 })).map(plain)).toEqual([
      [
        [1, 3, 1],
        [7, 8, 9],
      ],
    ]);
    expect((await decode([rgba, grey], { channels: 4 })).map(plain)).toEqual([
      [
        [1, 2, 4],
        [1, 2, 3, 128, 4, 5, 6, 255],
      ],
      [
        [1, 3, 4],
        [7, 7, 7, 255, 8, 8, 8, 255, 9, 9, 9, 255],
      ],
    ]);
  });

  it('decodes JPEGs, and resizes to the requested size', async () => {
    const red = sharp({ create: { width: 20, height: 10, channels: 3, background: { r: 200, g: 10, b: 10 } } });
    const [image] = await decode([await red.jpeg({ quality: 100 }).toBuffer()], { resize: { height: 4, width: 6 } });
    expect(image?.shape).toEqual([4, 6, 3]);
    const cut = (await red.jpeg().toBuffer()).subarray(0, -20);
    await expect(decode([cut])).rejects.toMatchObject({ code: 'ERR_FORMAT_MALFORMED' });
    for (let i = 0; i < 24; i++) {
      for (const [channel, value] of [200, 10, 10].entries()) {
        expect(Math.abs(image!.data[i * 3 + channel]! - value)).toBeLessThan(4);
      }
    }
  });

  it('keeps the order of the files', async () => {
    const files = Array.from({ length: 20 }, (_, n) =>
      png([1, n % 3 === 0 ? 200 : 1], 0, Array<number>(n % 3 === 0 ? 200 : 1).fill(n)),
    );
    expect((await decode(files, { channels: 1 })).map(({ data }) => data[0])).toEqual([...countedNumbers(20).numbers]);
  });

  it.each([
    ['a text', Buffer.from('no image'), 'expected a JPEG or PNG image, found 8 bytes in a different format'],
    ['another kind of image', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'expected a JPEG or PNG'],
    ['nothing', new Uint8Array(0), '0 bytes'],
    ['a cut PNG', rgb.subarray(0, -30), 'cannot decode'],
    ['a truncated JPEG', Uint8Array.of(0xff, 0xd8, 0xff), 'cannot decode'],
  ])('notifies %s with its position, or skips it on request', async (_, bad, message) => {
    await expect(decode([rgb, bad])).rejects.toMatchObject({
      code: 'ERR_FORMAT_MALFORMED',
      recordIndex: 1,
      message: expect.stringContaining(message),
    });
    const told: unknown[] = [];
    const onBadRecord = (error: Error, { bytes }: { bytes: number }): 'skip' => {
      told.push([error.name, bytes]);
      return 'skip';
    };
    expect(await decode([rgb, bad, grey], { onBadRecord })).toHaveLength(2);
    expect(told).toEqual([['FormatError', bad.byteLength]]);
    await expect(decode([bad], { onBadRecord, maxBadRecords: 0 })).rejects.toThrow('more than 0 bad records');
  });

  it('replaces a feature of each item, and keeps the others', async () => {
    const items = [
      { file: rgb, label: 1 },
      { file: grey, label: 2 },
    ];
    const decoded$ = fromIterable(items).pipe(decodeImage({ feature: 'file', channels: 1 }), toArray());
    const decoded = await lastValueFrom(decoded$);
    const images: Image[] = decoded.map(({ file }) => file);
    const labels: number[] = decoded.map(({ label }) => label);
    expect(images.map(({ shape }) => shape)).toEqual([
      [2, 1, 1],
      [1, 3, 1],
    ]);
    expect(labels).toEqual([1, 2]);
    expect(items[0]?.file).toBe(rgb);
  });

  it('says that an item needs the option feature', async () => {
    const items$ = of({ path: 'a.png', bytes: Uint8Array.of(1) }) as Observable<never>;
    await expect(lastValueFrom(items$.pipe(decodeImage()))).rejects.toThrow(
      'decodeImage: record 0: expected a Uint8Array, found an object with "bytes": set feature: "bytes"',
    );
  });

  it('counts the bytes of a bad image in a feature, and never skips an item without the feature', async () => {
    const told: unknown[] = [];
    const onBadRecord = (error: Error, counts: object): 'skip' => {
      told.push([error.message, counts]);
      return 'skip';
    };
    const decode = (items: object[]) =>
      lastValueFrom(
        fromIterable(items as { file: Uint8Array }[]).pipe(decodeImage({ feature: 'file', onBadRecord }), toArray()),
      );
    expect(await decode([{ file: grey }, { file: Buffer.from('text') }])).toHaveLength(1);
    expect(told).toEqual([
      [expect.stringContaining('expected a JPEG or PNG image, found 4 bytes'), { bad: 1, bytes: 4 }],
    ]);
    await expect(decode([{ image: grey }])).rejects.toThrow(
      'decodeImage: the item has no feature "file". It has the features "image".',
    );
    await expect(decode([{ file: 'text' }])).rejects.toThrow(
      'decodeImage: record 0: "file": expected a Uint8Array, found "text"',
    );
    await expect(decode([grey])).rejects.toThrow('decodeImage: expected an item with features');
    expect(told).toHaveLength(1);
  });

  it('holds no more images than its concurrency', async () => {
    const { numbers, made } = countedNumbers(50);
    const files = function* (): Generator<Uint8Array> {
      for (const number of numbers) yield png([1, 1], 0, [number]);
    };
    const consumer = consumeByHand(fromIterable(files()).pipe(decodeImage({ concurrency: 3 })), {
      onItem: (_image, gate) => gate.close(),
    });
    expect(made()).toBe(3);
    for (let taken = 1; taken <= 5; taken++) {
      consumer.gate.open();
      await until(() => consumer.items.length === taken);
      for (let turn = 0; turn < 20; turn++) await nextTurn();
      expect(made()).toBe(3 + taken);
    }
    consumer.subscription.unsubscribe();
  });

  it('throws at the call for bad options', () => {
    const bad = [{ channels: 2 }, { resize: { height: 0, width: 1 } }, { resize: { height: 1 } }, { concurrency: 0 }];
    for (const options of bad) expect(() => decodeImage(options as never)).toThrow(/^decodeImage/);
  });
});
