import { execFileSync } from 'node:child_process';
import { closeSync, constants, linkSync, mkdirSync, openSync, readdirSync, rmSync, write } from 'node:fs';
import { join } from 'node:path';
import { env, pid } from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';

/** After this many turns, the test waits for another process, which needs the processor. */
const BUSY_TURNS = 100;
const POLL_MS = 1;

/** The number of FIFOs that one process `mkfifo` makes. */
const STOCK = 64;

/**
 * Makes a FIFO and returns its path. In a Jest process, moves a FIFO of a stock there. A new process for each FIFO would
 * take 50 ms of CPU time, because Linux copies the page tables of the large Jest process.
 */
export function makeFifo(path: string): string {
  const folder = env['MILLRACE_TESTS_FOLDER'];
  const taken = folder === undefined ? undefined : takeFromStock(join(folder, `fifos-${pid}`));
  if (taken === undefined || !move(taken, path)) execFileSync('mkfifo', [path], { stdio: 'pipe' });
  return path;
}

/** Returns false if the path is on another file system, exists, or has no folder. `mkfifo` then names the path. */
function move(fifo: string, path: string): boolean {
  try {
    linkSync(fifo, path);
  } catch {
    return false;
  }
  rmSync(fifo);
  return true;
}

function takeFromStock(stock: string): string {
  mkdirSync(stock, { recursive: true });
  const [name] = readdirSync(stock);
  if (name !== undefined) return join(stock, name);
  execFileSync(
    'mkfifo',
    Array.from({ length: STOCK }, (_, index) => join(stock, String(index))),
  );
  return takeFromStock(stock);
}

/** The writing end of a FIFO in this process. It is opened when a reader is there. */
export class FifoWriter {
  readonly #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Waits for a reader without blocking a thread. */
  static async open(path: string): Promise<FifoWriter> {
    for (let turns = 0; ; turns++) {
      try {
        return new FifoWriter(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
        await nextLook(turns);
      }
    }
  }

  /** Writes at the speed of the reader. Returns the number of bytes written before the reader left. */
  async write(bytes: Uint8Array): Promise<number> {
    let written = 0;
    let turns = 0;
    while (written < bytes.length) {
      const result = await this.#writeSome(bytes.subarray(written));
      if (result === 'EPIPE') return written;
      if (result === 'EAGAIN') await nextLook(turns++);
      else {
        written += result;
        turns = 0;
      }
    }
    return written;
  }

  close(): void {
    closeSync(this.#fd);
  }

  #writeSome(bytes: Uint8Array): Promise<number | 'EAGAIN' | 'EPIPE'> {
    return new Promise((resolve, reject) => {
      write(this.#fd, bytes, (error, count) => {
        if (!error) resolve(count);
        else if (error.code === 'EAGAIN' || error.code === 'EPIPE') resolve(error.code);
        else reject(error);
      });
    });
  }
}

/** Opens the FIFO when a reader comes, writes all bytes, and closes the FIFO. */
export async function feedFifo(path: string, bytes: Uint8Array): Promise<void> {
  const writer = await FifoWriter.open(path);
  try {
    await writer.write(bytes);
  } finally {
    writer.close();
  }
}

/** One turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Turns the event loop until a condition is true. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let turns = 0; !isSo(); turns++) await nextLook(turns);
}

function nextLook(turns: number): Promise<void> {
  return turns < BUSY_TURNS ? nextTurn() : delay(POLL_MS);
}
