import { nodeCrypto } from './nodeCrypto.js';
import { ConfigError } from './errors.js';
import { shared } from './shared.js';

/** The data that one thread of an `inWorker` has about all threads of this `inWorker`. */
export interface ThreadGroup {
  /** The name of the `inWorker`, for errors. */
  readonly name: string;
  /** The index of this thread. */
  readonly index: number;
  /** A table in shared memory: the inputs that can be read only once, and the thread that reads each input. */
  readonly readers: BigUint64Array;
}

const MAX_INPUTS = 1024;
const INDEX_BITS = 16n;

/** The groups of this thread: more than one if a thread of an `inWorker` calls `inWorker`. */
const own = shared('threadGroups', (): { groups: readonly ThreadGroup[] } => ({ groups: [] }));

export function newReaders(): BigUint64Array {
  return new BigUint64Array(new SharedArrayBuffer(MAX_INPUTS * BigUint64Array.BYTES_PER_ELEMENT));
}

export function threadGroups(): readonly ThreadGroup[] {
  return own.groups;
}

export function joinThreadGroups(groups: readonly ThreadGroup[]): void {
  own.groups = groups;
}

/**
 * Reserves an input for this thread. The reservation remains until the `inWorker` is no longer used, because a second
 * reader would receive different bytes, even after the end of the first reader.
 *
 * @param input - the input, for errors.
 * @param identify - returns a text that identifies the input in this process. Called only in a group of threads.
 * @throws ConfigError if another thread of the same `inWorker` has reserved the input.
 */
export function reserveInput(input: string, identify: () => string): void {
  if (own.groups.length === 0) return;
  const hash = nodeCrypto().createHash('sha256').update(identify()).digest().readUIntBE(0, 6);
  for (const { name, index, readers } of own.groups) {
    const reader = readerOf(readers, BigInt(hash), index);
    if (reader === index) continue;
    const threads = [reader, index].sort((a, b) => a - b).join(' and ');
    const message =
      `${name}: expected each thread to read a different input, but the threads ${threads} both read ${input}. ` +
      'Each byte of a FIFO can be read only once, so each thread would read different data. Remove the option workers, ' +
      'so that one thread reads the input, and run the slow function with mapInWorkers. Or let each thread read a ' +
      'different channel.';
    throw new ConfigError(message, { path: 'workers' });
  }
}

/** Returns the thread that has reserved the input. If the table is full, the input is not checked. */
function readerOf(readers: BigUint64Array, hash: bigint, index: number): number {
  const wanted = (hash << INDEX_BITS) | BigInt(index + 1);
  for (let slot = 0; slot < readers.length; slot++) {
    const entry = Atomics.compareExchange(readers, slot, 0n, wanted);
    if (entry === 0n) return index;
    if (entry >> INDEX_BITS === hash) return Number(BigInt.asUintN(16, entry)) - 1;
  }
  return index;
}
