import { closeSync } from 'node:fs';
import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { makeFifos } from './makeFifos.js';
import type { FifoFault } from '../job/pipeFault.js';

/** An epoch's place, and what its fault waits for. */
export interface FaultyPlace {
  readonly path: string;
  /** Settles when the epoch before it is over. */
  readonly epochBefore: Promise<unknown>;
  /** Opens the FIFO for writing once somebody has opened it for reading. */
  readonly openForReader: () => Promise<number>;
  /** Aborted when the agent closes. */
  readonly signal: AbortSignal;
}

/** Makes what is in the place of an epoch's FIFO from the beginning: itself, another thing, or nothing. */
export async function makeFaultyFifo(path: string, { kind }: FifoFault): Promise<void> {
  switch (kind) {
    case 'missing':
    case 'late':
      return;
    case 'file':
      return writeFile(path, '');
    case 'replaced':
      return makeFifos([path]);
    case 'unreadable':
      // The agent itself has to open it for writing.
      return makeFifos([path], '0200');
  }
}

/** Goes through what has to happen before the epoch can be served at its place; where it never can, until the agent closes. */
export async function untilServable(fault: FifoFault, place: FaultyPlace): Promise<void> {
  const { path, signal } = place;
  switch (fault.kind) {
    case 'missing':
    case 'file':
      if (!signal.aborted) await once(signal, 'abort');
      signal.throwIfAborted();
      return;
    case 'late':
      await place.epochBefore;
      await delay(fault.afterMs, undefined, { signal });
      return makeFifos([path]);
    case 'replaced':
      return replaceWhenOpen(place);
    case 'unreadable':
  }
}

/** The one who has opened the FIFO keeps it and waits: the writer holds that one silently, and writes to its successor. */
async function replaceWhenOpen({ path, openForReader, signal }: FaultyPlace): Promise<void> {
  const held = await openForReader();
  signal.addEventListener('abort', () => closeSync(held), { once: true });
  await makeFifos([`${path}.successor`]);
  await rename(`${path}.successor`, path);
}
