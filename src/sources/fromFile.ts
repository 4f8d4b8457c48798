import { close, constants, fstat, open, read } from 'node:fs';
import type { Observable } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { abortSignal } from '../base/optionFields.js';
import { ChannelError } from '../base/errors.js';
import { localPath } from '../base/localPath.js';
import { rememberOrigin } from '../base/origins.js';
import { raiseCollectionLimit } from '../base/raiseCollectionLimit.js';
import { quote } from '../base/showValue.js';
import { parseOptions, positiveInteger } from '../base/parseOptions.js';
import { tellBytes } from '../resume/pass.js';
import { unlessWritten } from '../demand/output.js';
import { pullSource, type Outlet, type Puller } from '../demand/pullSource.js';
import { abortable } from './abortable.js';

const DEFAULT_CHUNK_BYTES = 1024 * 1024;

/** Options of {@link fromFile}. */
export interface FromFileOptions {
  /** The size of a chunk in bytes. Default: 1 MiB. */
  readonly chunkBytes?: number | undefined;
  /** If aborted, the Observable fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const optionsSchema = lazy(() =>
  z.strictObject({
    chunkBytes: positiveInteger().default(DEFAULT_CHUNK_BYTES),
    signal: abortSignal().optional(),
  }),
);

/**
 * Emits the bytes of a file on demand.
 *
 * ```ts
 * import { fromFile } from 'millrace';
 * import { decodeTFRecord } from 'millrace/operators';
 *
 * const records$ = fromFile('train.tfrecord').pipe(decodeTFRecord());
 * ```
 *
 * Each chunk is new memory of `chunkBytes`. The last chunk may be smaller. Memory: one chunk. Fails with a ChannelError
 * if the file cannot be opened or read. Unsubscribing closes the descriptor after the pending read.
 *
 * @param path - a regular file. Use {@link fromFifo} for FIFOs.
 */
export function fromFile(path: string, options: FromFileOptions = {}): Observable<Uint8Array> {
  parseOptions('fromFile', localPath(), path);
  const { chunkBytes, signal } = parseOptions(`fromFile(${quote(path)})`, optionsSchema(), options);
  return unlessWritten(fileBytes(path, { chunkBytes, name: 'fromFile' }), path).pipe(
    tellBytes(() => ({ name: path, facts: {} })),
    abortable(signal),
  );
}

interface FileBytesOptions {
  readonly chunkBytes?: number;
  /** The offset of the first byte to read. Default: 0. */
  readonly start?: number;
  readonly name: string;
}

/** Like {@link fromFile}, for callers that report their files to `resumable` themselves. */
export function fileBytes(
  path: string,
  { chunkBytes = DEFAULT_CHUNK_BYTES, start = 0, name }: FileBytesOptions,
): Observable<Uint8Array> {
  return pullSource((outlet) => new FileReader(path, { chunkBytes, start }, outlet), name);
}

/** Performs one operation at a time. */
class FileReader implements Puller {
  readonly #path: string;
  readonly #chunkBytes: number;
  readonly #outlet: Outlet<Uint8Array>;
  #fd: number | undefined;
  #bytesLeft = 0;
  #fileOffset = 0;
  #isBusy = false;
  #isClosed = false;

  constructor(
    path: string,
    { chunkBytes, start }: { readonly chunkBytes: number; readonly start: number },
    outlet: Outlet<Uint8Array>,
  ) {
    this.#path = path;
    this.#chunkBytes = chunkBytes;
    this.#fileOffset = start;
    this.#outlet = outlet;
  }

  readonly pull = (): void => {
    if (this.#fd === undefined) this.#open();
    else this.#read(this.#fd);
  };

  readonly close = (): void => {
    this.#isClosed = true;
    if (!this.#isBusy) this.#release();
  };

  #open(): void {
    this.#isBusy = true;
    // Without O_NONBLOCK, a FIFO would block a thread until a writer appears.
    open(this.#path, constants.O_RDONLY | constants.O_NONBLOCK, (error, fd) => {
      if (error) this.#step(error, () => undefined);
      else {
        this.#fd = fd;
        fstat(fd, (statError, stats) => {
          this.#step(statError, () => {
            if (!stats.isFile()) throw this.#notAFile();
            this.#bytesLeft = Math.max(0, stats.size - this.#fileOffset);
            this.#read(fd);
          });
        });
      }
    });
  }

  #read(fd: number): void {
    this.#isBusy = true;
    // `#bytesLeft` may be 0 or negative, because the file may have grown since it was opened.
    const byteLength = Math.max(1, Math.min(this.#chunkBytes, this.#bytesLeft || this.#chunkBytes));
    const chunk = this.#outlet.takeMemory?.(byteLength) ?? Buffer.allocUnsafeSlow(byteLength);
    read(fd, chunk, 0, chunk.length, this.#fileOffset, (error, byteCount) => {
      this.#step(error, () => {
        this.#bytesLeft = Math.max(0, this.#bytesLeft - byteCount);
        if (byteCount === 0) this.#outlet.complete();
        else this.#deliver(new Uint8Array(chunk.buffer, chunk.byteOffset, byteCount));
      });
    });
  }

  #deliver(chunk: Uint8Array): void {
    raiseCollectionLimit(chunk.length);
    rememberOrigin(chunk, this.#path, this.#fileOffset);
    this.#fileOffset += chunk.length;
    this.#outlet.deliver(chunk);
  }

  #step(error: NodeJS.ErrnoException | null, work: () => void): void {
    this.#isBusy = false;
    if (this.#isClosed) {
      this.#release();
      return;
    }
    try {
      if (error) throw this.#failure(error);
      work();
    } catch (failure) {
      this.#outlet.fail(failure);
    }
  }

  #release(): void {
    if (this.#fd === undefined) return;
    // Errors are ignored, because nothing was written.
    close(this.#fd, () => undefined);
    this.#fd = undefined;
  }

  #failure(cause: NodeJS.ErrnoException): ChannelError {
    return new ChannelError(`Cannot read the file ${this.#path}: ${cause.message}.`, {
      code: 'ERR_CHANNEL_IO',
      path: this.#path,
      errno: cause.code,
      cause,
    });
  }

  #notAFile(): ChannelError {
    return new ChannelError(
      `${this.#path} is not a regular file. Read a FIFO with fromFifo(), and a channel with channel().`,
      {
        code: 'ERR_CHANNEL_IO',
        path: this.#path,
      },
    );
  }
}
