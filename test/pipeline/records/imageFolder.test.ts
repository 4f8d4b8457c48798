import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { map, repeat, type Observable } from 'rxjs';
import sharp from 'sharp';
import { batch } from '../../../operators/batch.js';
import { decodeImage } from '../../../operators/decodeImage.js';
import { resumable } from '../../../operators/resumable.js';
import { ndarray, type NDArray } from '../../../src/arrays/ndarray.js';
import type { FormatError, ValueError } from '../../../src/base/errors.js';
import type { LabelledImage } from '../../../src/formats/wholeFile/wholeFileFormat.js';
import { definePipeline } from '../../../src/pipeline/declared/definePipeline.js';
import { imageFolder } from '../../../src/pipeline/records/imageFolder.js';
import { recordsFromFiles } from '../../../src/pipeline/records/recordsFromFiles.js';
import { records } from '../../../src/pipeline/records/records.js';
import { fixtureJson } from '../../formats/support/fixtures.js';
import { all, cursorAfter, refusal } from '../../operators/resuming.js';
import { collectWarnings } from '../../support/collectWarnings.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import { TrainingTree } from '../../support/trainingTree.js';
import { writeFiles } from '../recordFiles.js';
import { FolderStore } from './support/folderStore.js';

const newFolder = temporaryFolders();

/** Makes a folder of files that contain their own path. A name that ends in a slash is an empty folder. */
function folderOf(tree: readonly string[], folder = newFolder()): string {
  for (const name of tree) {
    if (name.endsWith('/')) mkdirSync(join(folder, name), { recursive: true });
    else writeFiles(folder, { [name]: name });
  }
  return folder;
}

/** Returns the paths below the folder, and the labels. Checks that the bytes are those of the path. */
function plain(images$: Observable<LabelledImage>, folder: string): Promise<{ path: string; label: unknown }[]> {
  return all(
    images$.pipe(
      map(({ image, label, path }) => {
        const name = path.slice(folder.length + 1);
        expect([Buffer.from(image).toString(), label.dtype, label.shape]).toEqual([name, 'int32', []]);
        return { path: name, label: label.data[0] };
      }),
    ),
  );
}

interface GoldenCase {
  readonly name: string;
  readonly tree: readonly string[];
  readonly given: readonly string[] | null;
  readonly classNames: readonly string[];
  readonly files: readonly { readonly path: string; readonly label: number }[];
}

const GOLDEN = (fixtureJson('imagefolder/cases.json') as { readonly cases: readonly GoldenCase[] }).cases;
const TITLED = GOLDEN.map((each) => [`${each.name}, ${JSON.stringify(each.given)}`, each] as const);
const PETS = ['cat/1.jpg', 'cat/2.png', 'dog/1.jpg'];

describe('imageFolder', () => {
  it.each(TITLED)(
    "has the order, labels and class names of Keras' image_dataset_from_directory: %s",
    async (_, golden) => {
      const folder = folderOf(golden.tree);
      await collectWarnings(async () => {
        const images$ = imageFolder(folder, { classNames: golden.given ?? undefined });
        expect(await images$.classNames()).toEqual(golden.classNames);
        expect(await plain(images$, folder)).toEqual(golden.files);
      });
    },
  );

  it.each(TITLED.filter(([, { name }]) => name !== 'empty folders'))('reads a store alike: %s', async (_, golden) => {
    const store = new FolderStore(folderOf(golden.tree));
    await collectWarnings(async () => {
      const images$ = imageFolder('disk://data/', { store, classNames: golden.given ?? undefined });
      expect(await images$.classNames()).toEqual(golden.classNames);
      expect(await plain(images$, 'disk://data')).toEqual(golden.files);
    });
  });

  it('takes the first folder below the last folder before the wildcards as the class', async () => {
    const folder = folderOf(['train/cat/a/1.jpg', 'train/dog/1.jpg', 'train/eel/1.png', 'val/cat/2.jpg']);
    const below = await plain(imageFolder(join(folder, 'train/**/*.jpg')), folder);
    expect(below).toEqual([
      { path: 'train/cat/a/1.jpg', label: 0 },
      { path: 'train/dog/1.jpg', label: 1 },
    ]);
    expect(await plain(imageFolder(join(folder, '*/cat/*')), folder)).toEqual([{ path: 'val/cat/2.jpg', label: 0 }]);
  });

  it('joins the classes of several folders', async () => {
    const folder = folderOf(['a/dog/1.jpg', 'a/cat/1.jpg', 'b/bee/1.jpg', 'b/cat/0.jpg']);
    const images$ = imageFolder(['a', 'b'].map((name) => join(folder, name)));
    expect(await images$.classNames()).toEqual(['bee', 'cat', 'dog']);
    expect(await plain(images$, folder)).toEqual([
      { path: 'b/bee/1.jpg', label: 0 },
      { path: 'b/cat/0.jpg', label: 1 },
      { path: 'a/cat/1.jpg', label: 1 },
      { path: 'a/dog/1.jpg', label: 2 },
    ]);
  });

  it('labels each image once by its folder, in any tree, and in any order of the files', async () => {
    const part = fc.constantFrom('a', 'b', 'B', 'é', 'a b', '😀', 'ﬀ');
    const path = fc.tuple(part, fc.array(part, { maxLength: 2 }), part).map(([top, rest, name]) => {
      return [top, ...rest, `${name}.png`].join('/');
    });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(path, { minLength: 1, maxLength: 12 }), fc.nat(), async (tree, shuffleSeed) => {
        const folder = folderOf(tree);
        const names = [...new Set(tree.map((each) => each.split('/')[0]!))];
        names.sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
        const expected = tree.map((each) => ({ path: each, label: names.indexOf(each.split('/')[0]!) }));
        const byPath = (files: readonly { path: string }[]) => files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
        const images$ = imageFolder(folder, { shuffleSeed });
        expect(await images$.classNames()).toEqual(names);
        expect(byPath(await plain(images$, folder))).toEqual(byPath(expected));
        const inOrder = (await plain(imageFolder(folder), folder)).map(({ label }) => label as number);
        expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
      }),
      { numRuns: 40 },
    );
  });

  it('shuffles all images in each epoch', async () => {
    const folder = folderOf(Array.from({ length: 30 }, (_, index) => `c${index % 3}/${index}.jpg`));
    const images$ = imageFolder(folder, { shuffleSeed: 7 });
    const images = await plain(images$.pipe(repeat(2)), folder);
    const [first, second] = [images.slice(0, 30), images.slice(30)];
    expect(first).not.toEqual(second);
    for (const epoch of [first, second]) {
      for (const { path, label } of epoch) expect(path).toMatch(new RegExp(`^c${String(label)}/`));
      expect(new Set(epoch.map(({ path }) => path)).size).toBe(30);
      expect(epoch.slice(0, 10).every(({ label }) => label === 0)).toBe(false);
    }
  });

  it('reads the extensions that it is told', async () => {
    const folder = folderOf(['cat/1.webp', 'cat/2.jpg', 'dog/1.WEBP']);
    expect(await plain(imageFolder(folder, { extensions: ['.webp'], exclude: '**/*.jpg' }), folder)).toEqual([
      { path: 'cat/1.webp', label: 0 },
      { path: 'dog/1.WEBP', label: 1 },
    ]);
  });

  it('warns once of the files that it leaves out, unless they are excluded', async () => {
    const folder = folderOf([...PETS, 'top.jpg', 'dog/notes.txt']);
    const warnings = await collectWarnings(async () => {
      const images$ = imageFolder(folder);
      await images$.classNames();
      expect(await plain(images$.pipe(repeat(2)), folder)).toHaveLength(6);
    });
    expect(warnings).toEqual([
      {
        code: 'MILLRACE_LEFT_OUT',
        message: `imageFolder: left out 2 files of "${folder}": "dog/notes.txt", "top.jpg". Images are in a folder for each class, as in ${folder}/cat/1.jpg, and end in .jpeg, .jpg, .png. To leave other files out without this warning, set exclude.`,
      },
    ]);
    const ofClasses = await collectWarnings(async () => {
      expect(await plain(imageFolder(folder, { classNames: ['cat'], exclude: '**/*.txt' }), folder)).toHaveLength(2);
    });
    expect(ofClasses.map(({ message }) => message)).toEqual([expect.stringContaining('left out a file of')]);
    expect(ofClasses[0]?.message).toContain('"top.jpg"');
    const silent = await collectWarnings(async () => {
      const images$ = imageFolder(folder, { exclude: ['top.jpg', '**/*.txt'] });
      expect(await plain(images$, folder)).toHaveLength(3);
      expect(
        await plain(imageFolder(folder, { classNames: ['cat'], exclude: ['*', 'dog/*.txt'] }), folder),
      ).toHaveLength(2);
    });
    expect(silent).toEqual([]);
  });

  it('leaves out folders that are excluded or hidden', async () => {
    const folder = folderOf([...PETS, 'old/1.jpg', '.cache/1.jpg', 'cat/.hidden.jpg', '.empty/']);
    const warnings = await collectWarnings(async () => {
      const images$ = imageFolder(folder, { exclude: 'old' });
      expect(await images$.classNames()).toEqual(['cat', 'dog']);
      expect(await plain(images$, folder)).toHaveLength(3);
    });
    expect(warnings.map(({ message }) => message)).toEqual([expect.stringContaining('".cache/1.jpg"')]);
  });

  it('keeps the class names of the first listing', async () => {
    const folder = folderOf(PETS);
    const images$ = imageFolder(folder);
    expect(await plain(images$, folder)).toHaveLength(3);
    folderOf(['bee/1.jpg', 'cat/3.jpg'], folder);
    const warnings = await collectWarnings(async () => {
      expect(await plain(images$, folder)).toEqual([
        { path: 'cat/1.jpg', label: 0 },
        { path: 'cat/2.png', label: 0 },
        { path: 'cat/3.jpg', label: 0 },
        { path: 'dog/1.jpg', label: 1 },
      ]);
    });
    expect(await images$.classNames()).toEqual(['cat', 'dog']);
    expect(warnings[0]?.message).toContain('"bee/1.jpg"');
    expect(await imageFolder(folder).classNames()).toEqual(['bee', 'cat', 'dog']);
  });

  it('notifies a class name without a folder', async () => {
    const folder = folderOf(PETS);
    const images$ = imageFolder(folder, { classNames: ['dog', 'dgo'] });
    const refusal = {
      code: 'ERR_CONFIG',
      path: 'classNames',
      message: `imageFolder: classNames: there is no folder "dgo" in "${folder}", found "cat", "dog"`,
    };
    await expect(all(images$)).rejects.toMatchObject(refusal);
    await expect(images$.classNames()).rejects.toMatchObject(refusal);
  });

  it.each([
    ['files without folders', ['1.jpg'], ''],
    ['a single file', ['1.jpg'], '/1.jpg'],
    ['other files only', ['cat/1.bmp'], ''],
    ['empty folders only', ['cat/.hidden', 'cat/1.txt', 'dog/'], ''],
  ])('notifies that there is no image in %s', async (_, tree, place) => {
    const folder = folderOf(tree);
    await collectWarnings(async () => {
      await expect(all(imageFolder(folder + place))).rejects.toMatchObject({
        code: 'ERR_CHANNEL_EMPTY',
        message: `There is no image in ${folder}. Images are in a folder for each class, as in ${folder}/cat/1.jpg, and end in .jpeg, .jpg, .png. To read files without labels, use recordFormat: 'WholeFile'.`,
      });
    });
  });

  it('throws at the call if an argument is wrong', () => {
    const call =
      (options: object, place: unknown = 'x') =>
      () =>
        imageFolder(place as string, options);
    expect(call({ classNames: ['a', 'a'] })).toThrow('imageFolder: classNames: expected unique names');
    expect(call({ classNames: [] })).toThrow(/^imageFolder: classNames: /);
    expect(call({ extensions: '.jpg' })).toThrow('imageFolder: extensions: expected array, found ".jpg"');
    expect(call({ shuffleSeed: -1 })).toThrow(/^imageFolder: shuffleSeed: /);
    expect(call({ clasNames: ['a'] })).toThrow('imageFolder: unknown key "clasNames": did you mean "classNames"?');
    expect(call({ imageSize: 4 })).toThrow(
      /^imageFolder: unknown key "imageSize": expected one of maxRecordBytes, classNames, extensions, include, .*/,
    );
    for (const name of ['place', 'patterns', 'recordFormat']) {
      expect(call({ [name]: 'WholeFile' })).toThrow(`imageFolder: unknown key "${name}"`);
    }
    expect(call({}, 's3://bucket/train')).toThrow('imageFolder: place: "s3://bucket/train" needs a store');
    expect(call({}, '')).toThrow(/^imageFolder: place: /);
    expect(() => recordsFromFiles('x', { recordFormat: 'ImageFolder' as never })).toThrow(
      'recordFormat: expected one of RecordIO, TFRecord, TextLine, WholeFile, or a decoder, found "ImageFolder": call imageFolder(folder)',
    );
  });

  it('resumes at the next image, and refuses other labels', async () => {
    const folder = folderOf(PETS);
    const cursor = await cursorAfter(2, imageFolder(folder), { recordsPerItem: 1 });
    const rest$ = imageFolder(folder).pipe(resumable({ cursor, recordsPerItem: 1 }));
    expect(await plain(rest$, folder)).toEqual([{ path: 'dog/1.jpg', label: 1 }]);
    folderOf(['ant/'], folder);
    expect((await refusal(imageFolder(folder), { cursor })).message).toContain('namesAndSizes');
  });
});

describe('imageFolder with decodeImage', () => {
  const png = (red: number) =>
    sharp({ create: { width: 2, height: 1, channels: 3, background: { r: red, g: 0, b: 0 } } })
      .png()
      .toBuffer();

  it('makes batches of images and labels', async () => {
    const folder = newFolder();
    writeFiles(folder, { 'cat/1.png': await png(1), 'cat/2.png': await png(2), 'dog/3.png': await png(3) });
    const batches$ = imageFolder(folder).pipe(decodeImage({ feature: 'image' }), batch(2));
    const [first, second] = await all(batches$);
    const image: NDArray<'uint8'> = first!.image;
    const label: NDArray<'int32'> = first!.label;
    const path: string[] = second!.path;
    expect(image).toEqual(ndarray('uint8', [2, 1, 2, 3], Uint8Array.of(1, 0, 0, 1, 0, 0, 2, 0, 0, 2, 0, 0)));
    expect([label, second!.label]).toEqual([
      ndarray('int32', [2], Int32Array.of(0, 0)),
      ndarray('int32', [1], Int32Array.of(1)),
    ]);
    expect(path).toEqual([join(folder, 'dog/3.png')]);
  });

  it('names a broken image, and skips it on request', async () => {
    const folder = newFolder();
    writeFiles(folder, { 'cat/1.png': 'no image', 'cat/2.png': await png(2), 'dog/1.png': '' });
    await expect(all(imageFolder(folder).pipe(decodeImage({ feature: 'image' })))).rejects.toMatchObject({
      path: join(folder, 'cat/1.png'),
      message: `image: ${join(folder, 'cat/1.png')}: expected a JPEG or PNG image, found 8 bytes in a different format`,
    });
    const skipped: unknown[] = [];
    const onBadRecord = (error: FormatError | ValueError) => {
      skipped.push((error as FormatError).path);
      return 'skip' as const;
    };
    const images = await all(imageFolder(folder).pipe(decodeImage({ feature: 'image', onBadRecord })));
    expect(images.map(({ label, path }) => [label.data[0], path])).toEqual([[0, join(folder, 'cat/2.png')]]);
    expect(skipped).toEqual([join(folder, 'cat/1.png'), join(folder, 'dog/1.png')]);
  });

  it('is the declared format ImageFolder, of files and of a channel', async () => {
    const tree = new TrainingTree(newFolder(), { train: { TrainingInputMode: 'FastFile' } });
    const folder = join(tree.baseDir, 'input/data/train');
    writeFiles(folder, { 'cat/1.png': await png(1), 'dog/2.png': await png(2) });
    const channel = { recordFormat: 'ImageFolder', classNames: ['dog', 'cat'] } as const;
    const stages = [
      { stage: 'decodeImage', feature: 'image' },
      { stage: 'batch', size: 2 },
      { stage: 'oneHot', feature: 'label', depth: 2 },
      { stage: 'select', features: { xs: 'image', ys: 'label' } },
    ] as const;
    const files$ = definePipeline({ channels: { train: { files: folder, ...channel } }, stages });
    const channel$ = definePipeline({ channels: { train: channel }, stages }, { baseDir: tree.baseDir });
    const items = await all(files$);
    const xs: NDArray<'uint8'>[] = items.map((item) => item.xs);
    expect(xs).toEqual([ndarray('uint8', [2, 1, 2, 3], Uint8Array.of(2, 0, 0, 2, 0, 0, 1, 0, 0, 1, 0, 0))]);
    expect(items[0]?.ys).toEqual(ndarray('float32', [2, 2], Float32Array.of(1, 0, 0, 1)));
    expect(await all(channel$)).toEqual(items);
    const piped = new TrainingTree(newFolder()).baseDir;
    await expect(all(definePipeline({ channels: { train: channel } }, { baseDir: piped }))).rejects.toMatchObject({
      code: 'ERR_CHANNEL_MODE',
    });
  });

  it('lets a host without files have no image, if the channel allows it', async () => {
    const tree = new TrainingTree(newFolder(), { train: { TrainingInputMode: 'File' } });
    mkdirSync(join(tree.baseDir, 'input/data/train'));
    const channel = { recordFormat: 'ImageFolder', allowEmpty: true } as const;
    expect(await all(definePipeline({ channels: { train: channel } }, { baseDir: tree.baseDir }))).toEqual([]);
    const path = join(tree.baseDir, 'input/data/train/cat/1.png');
    mkdirSync(dirname(path));
    writeFileSync(path, 'x');
    const files$ = records('train', { recordFormat: 'WholeFile', baseDir: tree.baseDir });
    expect(await all(files$)).toMatchObject([{ path }]);
  });
});
