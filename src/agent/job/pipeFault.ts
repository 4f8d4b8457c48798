import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { milliseconds } from '../../base/optionFields.js';
import { positiveInteger } from '../../base/parseOptions.js';
import { channelNameSchema } from '../../sagemaker/channelName.js';
import { closedObject } from './closedObject.js';
import type { ChannelFault, JobChannel } from './jobChannel.js';

const count = lazy(() => z.int().nonnegative());

const place = lazy(() => ({ channel: channelNameSchema(), epochs: z.array(count()).min(1).readonly().optional() }));

/** Faults in the bytes of an epoch, applied in the job's order. */
const bytesFaults = lazy(
  () =>
    [
      closedObject({ kind: z.literal('cut'), ...place(), afterBytes: count() }),
      closedObject({ kind: z.literal('stall'), ...place(), afterBytes: count() }),
      closedObject({
        kind: z.literal('trickle'),
        ...place(),
        bytes: positiveInteger().default(1),
        everyMs: milliseconds(),
      }),
      closedObject({ kind: z.literal('flip'), ...place(), atByte: count(), bit: count().max(7).default(0) }),
    ] as const,
);

/** An epoch has at most one of these faults. */
const fifoFaults = lazy(
  () =>
    [
      closedObject({ kind: z.literal('missing'), ...place() }),
      closedObject({ kind: z.literal('late'), ...place(), afterMs: milliseconds() }),
      closedObject({ kind: z.literal('file'), ...place() }),
      closedObject({ kind: z.literal('replaced'), ...place() }),
      closedObject({ kind: z.literal('unreadable'), ...place() }),
    ] as const,
);

export const pipeFaultSchema = lazy(() => z.discriminatedUnion('kind', [...bytesFaults(), ...fifoFaults()]));

/**
 * A deterministic fault in a channel in Pipe mode, to test a training.
 *
 * ```ts
 * import type { PipeFault } from 'millrace/agent';
 *
 * // for the key `faults` of a job
 * const faults: PipeFault[] = [
 *   { kind: 'trickle', channel: 'train', everyMs: 10 },
 *   { kind: 'cut', channel: 'train', epochs: [1], afterBytes: 1000 },
 * ];
 * ```
 *
 * The fault occurs on all hosts, in the epochs that `epochs` lists (default: all). `docs/guides/local-jobs.md`
 * describes the kinds and their effects.
 */
export type PipeFault = z.input<ReturnType<typeof pipeFaultSchema>>;

export type CheckedFault = z.output<ReturnType<typeof pipeFaultSchema>>;

export type BytesFault = z.output<ReturnType<typeof bytesFaults>[number]>;

export type FifoFault = z.output<ReturnType<typeof fifoFaults>[number]>;

export interface EpochFaults {
  readonly ofBytes: readonly BytesFault[];
  readonly ofFifo: FifoFault | undefined;
}

export function faultsOfEpoch(faults: readonly CheckedFault[], channel: string, epoch: number): EpochFaults {
  const found = faults.filter((fault) => fault.channel === channel && (fault.epochs?.includes(epoch) ?? true));
  return { ofBytes: found.filter((fault) => !isOfFifo(fault)), ofFifo: found.find(isOfFifo) };
}

export function errorOfFault(
  faults: readonly CheckedFault[],
  index: number,
  channels: readonly JobChannel[],
): ChannelFault | undefined {
  const fault = faults[index] as CheckedFault;
  const names = channels.filter(({ InputMode }) => InputMode === 'Pipe').map(({ ChannelName }) => ChannelName);
  if (!names.includes(fault.channel)) {
    const known = names.length === 0 ? 'this job has no such channel' : names.join(', ');
    return { path: ['channel'], message: `expected a channel in Pipe mode (${known}), found "${fault.channel}"` };
  }
  const other = faults
    .slice(0, index)
    .findIndex((earlier) => isOfFifo(fault) && isOfFifo(earlier) && meet(fault, earlier));
  if (other < 0) return undefined;
  const message = `faults[${other}] has the same FIFO and epoch: set different epochs for the two faults`;
  return { path: ['epochs'], message };
}

function isOfFifo(fault: CheckedFault): fault is FifoFault {
  return fifoFaults().some(({ shape }) => shape.kind.value === fault.kind);
}

function meet(a: CheckedFault, b: CheckedFault): boolean {
  if (a.channel !== b.channel) return false;
  return a.epochs === undefined || b.epochs === undefined || a.epochs.some((epoch) => b.epochs?.includes(epoch));
}
