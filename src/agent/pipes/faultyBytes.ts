import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { MillraceError } from '../../base/errors.js';
import type { BytesFault } from '../job/pipeFault.js';

type Chunks = AsyncIterable<Uint8Array>;

/**
 * Applies the faults to the bytes of an epoch.
 *
 * @param signal - aborted when the agent closes. Then no fault waits any longer.
 * @throws MillraceError `ERR_AGENT` during the iteration if the epoch is too short for a fault. A test must not pass
 *   without its fault.
 */
export function faultyBytes(chunks: Chunks, faults: readonly BytesFault[], signal: AbortSignal): Chunks {
  return faults.reduce((bytes, fault) => play(bytes, fault, signal), chunks);
}

function play(chunks: Chunks, fault: BytesFault, signal: AbortSignal): Chunks {
  switch (fault.kind) {
    case 'cut':
      return cut(chunks, fault.afterBytes);
    case 'stall':
      return stall(chunks, fault.afterBytes, signal);
    case 'trickle':
      return trickle(chunks, fault, signal);
    case 'flip':
      return flip(chunks, fault);
  }
}

/** Ends the epoch early, like a killed writer. */
async function* cut(chunks: Chunks, afterBytes: number): AsyncGenerator<Uint8Array, void, undefined> {
  let left = afterBytes;
  for await (const chunk of chunks) {
    if (left > 0) yield chunk.subarray(0, left);
    if (chunk.byteLength > left) return;
    left -= chunk.byteLength;
  }
  throw tooShort(`cut after ${afterBytes} bytes`, afterBytes - left);
}

/** Keeps the FIFO open without data until the agent closes. */
async function* stall(
  chunks: Chunks,
  afterBytes: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = afterBytes;
  for await (const chunk of chunks) {
    if (left > 0) yield chunk.subarray(0, left);
    left -= chunk.byteLength;
    if (left <= 0) break;
  }
  if (left > 0) throw tooShort(`stalled after ${afterBytes} bytes`, afterBytes - left);
  if (!signal.aborted) await once(signal, 'abort');
}

async function* trickle(
  chunks: Chunks,
  { bytes, everyMs }: { readonly bytes: number; readonly everyMs: number },
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    for (let offset = 0; offset < chunk.byteLength; offset += bytes) {
      yield chunk.subarray(offset, offset + bytes);
      // `delay` rejects when the agent closes.
      await delay(everyMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
    }
  }
}

async function* flip(
  chunks: Chunks,
  { atByte, bit }: { readonly atByte: number; readonly bit: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = atByte;
  for await (const chunk of chunks) {
    const isHere = left >= 0 && left < chunk.byteLength;
    yield isHere ? flipped(chunk, left, bit) : chunk;
    left -= chunk.byteLength;
  }
  if (left >= 0) throw tooShort(`changed at byte ${atByte}`, atByte - left);
}

/** Changes a copy, because later epochs may use these bytes. */
function flipped(chunk: Uint8Array, index: number, bit: number): Uint8Array {
  const copy = chunk.slice();
  copy[index] = (copy[index] as number) ^ (1 << bit);
  return copy;
}

function tooShort(fault: string, byteLength: number): MillraceError {
  return new MillraceError(
    `the epoch has only ${byteLength} bytes, too few for this fault (${fault}): use a smaller number of ` +
      'bytes, or list only longer epochs in the key "epochs" of this fault',
    { code: 'ERR_AGENT' },
  );
}
