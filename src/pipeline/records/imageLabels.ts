import { basename, dirname } from 'node:path';
import { decodeFormat } from '../../../operators/decodeRecords.js';
import { ChannelError, ConfigError } from '../../base/errors.js';
import { quote, quoteNames } from '../../base/showValue.js';
import { imageFolderFormat, type LabelledImage } from '../../formats/wholeFile/wholeFileFormat.js';
import { warnLeftOut } from './fileFilter.js';
import { existingEntries } from './listFiles.js';
import { nameInListing, type RecordFile, type Selection } from './recordFile.js';
import type { RecordDecoder } from './recordFormat.js';

interface LabelOptions {
  readonly classNames?: readonly string[] | undefined;
  readonly extensions: readonly string[];
  readonly maxRecordBytes: number;
}

interface Labels {
  /** The names in the first listing. */
  classNames: readonly string[];
  readonly label: (selected: readonly Selection[]) => Promise<readonly RecordFile[]>;
}

/** Makes the decoder of image folders. {@link labelled} sorts and labels its files. */
export function imageDecoder(options: LabelOptions): RecordDecoder<LabelledImage> & { readonly labels: Labels } {
  const decoder = decodeFormat(imageFolderFormat, options) as RecordDecoder<LabelledImage>;
  return Object.assign(decoder, { labels: labeller(options) });
}

/** Returns all files. For the decoder of image folders, returns the images, sorted and with labels. */
export async function labelled(
  decoder: RecordDecoder & { readonly labels?: Labels },
  selected: readonly Selection[],
): Promise<readonly RecordFile[]> {
  return decoder.labels?.label(selected) ?? selected.flatMap(({ files }) => files);
}

function labeller({ classNames, extensions }: LabelOptions): Labels {
  const endings = extensions.map((extension) => extension.toLowerCase());
  let hasWarned = false;
  const label = async (selected: readonly Selection[]): Promise<readonly RecordFile[]> => {
    const place = selected.map(({ listing }) => listing.base).join();
    const found = [...new Set((await Promise.all(selected.map(foldersOf))).flat())].sort(compareBytes);
    const missing = classNames?.find((name) => !found.includes(name));
    if (missing !== undefined) {
      const message = `there is no folder ${quote(missing)} in ${quote(place)}, found ${quoteNames(found)}`;
      throw new ConfigError(`imageFolder: classNames: ${message}`, { path: 'classNames' });
    }
    if (labels.classNames.length === 0) labels.classNames = found;
    const labelOf = new Map(labels.classNames.map((name, index) => [name, index]));
    const others: string[] = [];
    const images: { readonly key: string; readonly file: RecordFile & { readonly label: number } }[] = [];
    for (const { listing, files } of selected) {
      for (const file of files) {
        const name = nameInListing(listing, file);
        const folder = folderOf(name);
        const isImage = endings.some((ending) => name.toLowerCase().endsWith(ending));
        const index = labelOf.get(folder);
        // Sorts the files of a folder before those of its subfolders, like Keras and torchvision.
        if (isImage && index !== undefined)
          images.push({ key: `${dirname(name)}\0${basename(name)}`, file: { ...file, label: index } });
        else if (!isImage || folder === '' || !classNames) others.push(name);
      }
    }
    const rule = `Images are in a folder for each class, as in ${place}/cat/1.jpg, and end in ${endings.join(', ')}.`;
    if (images.length === 0 && found.length + others.length > 0) throw noImage(place, rule);
    if (others.length > 0 && !hasWarned) {
      hasWarned = true;
      const remedy = `${rule} To leave other files out without this warning, set exclude.`;
      warnLeftOut('imageFolder', { base: place, names: others, remedy });
    }
    images.sort((one, other) => one.file.label - other.file.label || compareBytes(one.key, other.key));
    return images.map(({ file }) => file);
  };
  const labels: Labels = { classNames: classNames ?? [], label };
  return labels;
}

function compareBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

function folderOf(name: string): string {
  return name.slice(0, Math.max(0, name.indexOf('/')));
}

async function foldersOf({ listing, files }: Selection): Promise<string[]> {
  const namesOf = (of: readonly RecordFile[]) => new Set(of.map((file) => folderOf(nameInListing(listing, file))));
  const full = namesOf(listing.files);
  const isLocal = listing.kind === 'folder' && !listing.files[0]?.stored;
  const entries = isLocal ? await existingEntries(listing.base) : [];
  const empty = entries.filter(({ name, isFolder }) => isFolder && !full.has(name) && !name.startsWith('.'));
  return [...namesOf(files), ...empty.map(({ name }) => name)].filter((name) => name !== '');
}

function noImage(path: string, rule: string): ChannelError {
  const message = `There is no image in ${path}. ${rule} To read files without labels, use recordFormat: 'WholeFile'.`;
  return new ChannelError(message, { code: 'ERR_CHANNEL_EMPTY', path });
}
