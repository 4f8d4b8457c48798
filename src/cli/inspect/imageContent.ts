import { basename, dirname } from 'node:path';
import { imageSize } from '../../formats/imageSize.js';
import type { Content, ContentResult, RecordPosition } from './content.js';
import { DataSketch, type SketchedRecords } from './sketch/dataSketch.js';
import { describeBytes, describeName } from './describeValue.js';

const SHOWN_FOLDERS = 5;

export class ImageContent implements Content {
  readonly #formats = new Map<string, number>();
  readonly #folders = new Map<string, number>();
  readonly #sizes = { minWidth: Infinity, maxWidth: 0, minHeight: Infinity, maxHeight: 0 };
  readonly #sketch = new DataSketch();

  add(file: Uint8Array, { path = '', isSketched }: RecordPosition): () => string {
    const folder = basename(dirname(path));
    if (isSketched) {
      this.#sketch.addValue('image', file);
      this.#sketch.of('folder')?.add([folder]);
    }
    this.#folders.set(folder, (this.#folders.get(folder) ?? 0) + 1);
    const { format = 'PNG', width, height } = imageSize(file) ?? {};
    this.#formats.set(format, (this.#formats.get(format) ?? 0) + 1);
    if (width !== undefined && height !== undefined) {
      const sizes = this.#sizes;
      sizes.minWidth = Math.min(sizes.minWidth, width);
      sizes.maxWidth = Math.max(sizes.maxWidth, width);
      sizes.minHeight = Math.min(sizes.minHeight, height);
      sizes.maxHeight = Math.max(sizes.maxHeight, height);
    }
    return () => ` ${describeBytes(file)}`;
  }

  result(): ContentResult {
    const { minWidth, maxWidth, minHeight, maxHeight } = this.#sizes;
    const remarks = [this.#reading()];
    if (this.#formats.size > 1) remarks.push([...this.#formats].map(([name, files]) => `${files} ${name}`).join(', '));
    if (maxWidth > minWidth || maxHeight > minHeight) {
      remarks.push(`${minWidth} to ${maxWidth} pixels wide, ${minHeight} to ${maxHeight} high`);
    }
    const [only] = this.#formats.keys();
    const name = this.#formats.size === 1 ? `${only ?? ''} image` : 'images';
    return { name, decoder: 'decodeImage', features: null, isBatchable: false, remarks };
  }

  sketched(): SketchedRecords {
    return this.#sketch.sketched((name) => ({ name, type: name === 'image' ? 'file' : 'text' }));
  }

  #reading(): string {
    if (this.#folders.size < 2) return "each file is one image: use recordFormat: 'WholeFile', and decodeImage";
    const shown = [...this.#folders].slice(0, SHOWN_FOLDERS).map(([name, files]) => `${describeName(name)} ${files}`);
    const rest = this.#folders.size > SHOWN_FOLDERS ? ', …' : '';
    return `images of ${this.#folders.size} folders (${shown.join(', ')}${rest}): use imageFolder, and decodeImage`;
  }
}
