import { closeSync } from 'node:fs';
import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { makeFifos } from './makeFifos.js';
import type { FifoFault } from '../job/pipeFault.js';

export interface FaultyPlace {
  readonly path: string;
  readonly epochBefore: Promise<unknown>;
  readonly openForReader: () => Promise<number>;
  readonly signal: AbortSignal;
}

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
      return makeFifos([path], '0200');
  }
}

/** Resolves when the agent can open the FIFO for a reader. Rejects when the agent closes. */
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

/** The old FIFO stays open and empty, so its reader waits. */
async function replaceWhenOpen({ path, openForReader, signal }: FaultyPlace): Promise<void> {
  const held = await openForReader();
  signal.addEventListener('abort', () => closeSync(held), { once: true });
  await makeFifos([`${path}.successor`]);
  await rename(`${path}.successor`, path);
}
