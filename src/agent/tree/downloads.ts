import { open } from 'node:fs/promises';
import { MillraceError } from '../../base/errors.js';
import { mapConcurrently } from '../../base/mapConcurrently.js';
import type { ChannelObject, StoredContent } from '../data/channelObject.js';
import { openRequests } from '../data/openRequests.js';
import { rangesOf, readUnchanged, type Range } from '../data/ranges.js';

/** The progress of downloading all objects for channels in File mode. */
export interface DownloadProgress {
  readonly bytes: number;
  readonly byteLength: number;
}

export interface DownloadOptions {
  readonly signal: AbortSignal | undefined;
  readonly onDownload: ((progress: DownloadProgress) => void) | undefined;
}

/** Downloads each object of a store once. Reads up to 16 ranges of up to 4 MiB at the same time. */
export class Downloads {
  readonly #options: DownloadOptions;
  readonly #byteLength: number;
  readonly #paths = new Map<string, string>();
  #bytes = 0;

  constructor(objects: readonly ChannelObject[], options: DownloadOptions) {
    this.#options = options;
    const byUrl = new Map(objects.filter(({ stored }) => stored).map(({ path, byteLength }) => [path, byteLength]));
    this.#byteLength = [...byUrl.values()].reduce((sum, byteLength) => sum + byteLength, 0);
  }

  pathOf({ path, stored }: ChannelObject): string {
    return stored ? (this.#paths.get(path) as string) : path;
  }

  /**
   * Downloads each object to its path. Skips local files, and objects that are already downloaded.
   *
   * @param files - the paths to write, each with its object.
   */
  async download(files: ReadonlyMap<string, ChannelObject>): Promise<void> {
    const { signal } = this.#options;
    const targets = new Map<string, StoredContent>();
    for (const [file, { path, stored }] of files) {
      if (!stored || this.#paths.has(path)) continue;
      this.#paths.set(path, file);
      targets.set(path, stored);
    }
    await mapConcurrently([...targets.keys()], async (url) => (await open(this.#file(url), 'wx')).close(), signal);
    const requests = openRequests(signal);
    const download = (range: Range) =>
      this.#downloadRange(range, requests.signal).catch((error: unknown) => {
        requests.close();
        throw error;
      });
    await mapConcurrently([...rangesOf(targets.values())], download, signal).finally(requests.close);
  }

  async #downloadRange(range: Range, signal: AbortSignal): Promise<void> {
    const bytes = await readUnchanged(range, signal).catch((cause: unknown) => {
      if (signal.aborted || !(cause instanceof MillraceError)) throw cause;
      throw new MillraceError(`Cannot download ${range.object.url}: ${cause.message}`, { code: 'ERR_AGENT', cause });
    });
    const file = await open(this.#file(range.object.url), 'r+');
    try {
      for (let written = 0; written < bytes.length;) {
        const { bytesWritten } = await file.write(bytes, written, bytes.length - written, range.start + written);
        written += bytesWritten;
      }
    } finally {
      await file.close();
    }
    this.#bytes += bytes.length;
    this.#options.onDownload?.({ bytes: this.#bytes, byteLength: this.#byteLength });
  }

  #file(url: string): string {
    return this.#paths.get(url) as string;
  }
}
