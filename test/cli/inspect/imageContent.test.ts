import { describe, expect, it } from '@jest/globals';
import { ImageContent } from '../../../src/cli/inspect/imageContent.js';

const JPEG = Uint8Array.of(0xff, 0xd8, 0xff);

function remarksOn(paths: readonly (string | undefined)[]): readonly string[] {
  const content = new ImageContent();
  for (const path of paths) content.add(JPEG, { indexInFile: 0, path });
  return content.result().remarks;
}

describe('ImageContent', () => {
  it('names imageFolder and the images of each folder', () => {
    expect(remarksOn(['d/cat/1.jpg', 'd/dog/1.jpg', 'd/cat/2.jpg'])).toEqual([
      'images of 2 folders (cat 2, dog 1): use imageFolder, and decodeImage',
    ]);
    const many = Array.from({ length: 7 }, (_, index) => `d/${index}/x.jpg`);
    expect(remarksOn(many)).toEqual([
      'images of 7 folders (0 1, 1 1, 2 1, 3 1, 4 1, …): use imageFolder, and decodeImage',
    ]);
  });

  it('names WholeFile for the images of one folder, and for one image', () => {
    const remark = "each file is one image: use recordFormat: 'WholeFile', and decodeImage";
    expect(remarksOn(['d/cat/1.jpg', 'd/cat/2.jpg'])).toEqual([remark]);
    expect(remarksOn([undefined])).toEqual([remark]);
  });
});
