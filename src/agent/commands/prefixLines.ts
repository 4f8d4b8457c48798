import type { Readable, Writable } from 'node:stream';

/** Longer lines are written in pieces, to limit memory. */
const MAX_LINE_BYTES = 64 * 1024;

/**
 * Copies complete lines, so that lines of several commands do not mix. Adds a missing last newline. Resolves when the
 * source ends, even if the target is closed.
 */
export async function prefixLines(source: Readable, target: Writable, prefix: string): Promise<void> {
  // Latin-1 turns each byte into one character and back.
  const start = Buffer.from(prefix).toString('latin1');
  let rest = '';
  const write = async (lines: readonly string[]) => {
    target.write(lines.map((line) => `${start}${line}\n`).join(''), 'latin1');
    if (target.writableNeedDrain) await drained(target);
  };
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      const lines = (rest + chunk.toString('latin1')).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > MAX_LINE_BYTES) {
        lines.push(rest);
        rest = '';
      }
      // One write for each chunk, because a failed write takes long.
      if (lines.length > 0) await write(lines);
    }
  } catch {
    // `endWhenSilent` destroyed the source.
  }
  if (rest !== '') await write([rest]);
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
