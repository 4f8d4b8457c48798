import type { Readable, Writable } from 'node:stream';

/** Longer lines are written in pieces, to limit memory. */
const MAX_LINE_BYTES = 64 * 1024;

const NEWLINE = 0x0a;

/**
 * Copies output as complete lines with a prefix, so that the lines of several commands do not mix. Adds a missing last
 * newline. Resolves when the source ends, even if the target is closed.
 */
export async function prefixLines(source: Readable, target: Writable, prefix: string): Promise<void> {
  let line: Buffer[] = [];
  let lineBytes = 0;
  const flush = async (last: Buffer) => {
    const text = Buffer.concat([Buffer.from(prefix), ...line, last, Buffer.from('\n')]);
    line = [];
    lineBytes = 0;
    target.write(text);
    if (target.writableNeedDrain) await drained(target);
  };
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
        await flush(chunk.subarray(start, end));
        start = end + 1;
      }
      line.push(chunk.subarray(start));
      lineBytes += chunk.length - start;
      if (lineBytes > MAX_LINE_BYTES) await flush(Buffer.alloc(0));
    }
  } catch {
    // `endWhenSilent` destroyed the source.
  }
  if (lineBytes > 0) await flush(Buffer.alloc(0));
}

const waiting = new WeakMap<Writable, Promise<void>>();

/** All commands share one listener on a target. */
function drained(target: Writable): Promise<void> {
  const known = waiting.get(target);
  if (known) return known;
  const wait = new Promise<void>((resolve) => {
    const done = () => {
      target.off('drain', done).off('close', done);
      waiting.delete(target);
      resolve();
    };
    target.on('drain', done).on('close', done);
  });
  waiting.set(target, wait);
  return wait;
}
