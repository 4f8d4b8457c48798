import { z } from 'zod';
import { positiveInteger } from '../../base/parseOptions.js';
import { channelNameSchema } from '../../sagemaker/channelName.js';
import { closedObject } from './closedObject.js';
import type { ChannelFault, JobChannel } from './jobChannel.js';

const count = z.int().nonnegative();

/** What a timer holds: a longer one would fire at once. */
const milliseconds = z
  .number()
  .nonnegative()
  .max(2 ** 31 - 1);

const where = { channel: channelNameSchema, epochs: z.array(count).min(1).readonly().optional() };

/** The faults of what an epoch's writer writes. Those of one epoch are applied in the order in which they are listed. */
const BYTES_FAULTS = [
  closedObject({ kind: z.literal('cut'), ...where, afterBytes: count }),
  closedObject({ kind: z.literal('stall'), ...where, afterBytes: count }),
  closedObject({ kind: z.literal('trickle'), ...where, bytes: positiveInteger.default(1), everyMs: milliseconds }),
  closedObject({ kind: z.literal('flip'), ...where, atByte: count, bit: count.max(7).default(0) }),
] as const;

/** The faults of the FIFO itself. An epoch has one of them at most. */
const FIFO_FAULTS = [
  closedObject({ kind: z.literal('missing'), ...where }),
  closedObject({ kind: z.literal('late'), ...where, afterMs: milliseconds }),
  closedObject({ kind: z.literal('file'), ...where }),
  closedObject({ kind: z.literal('replaced'), ...where }),
  closedObject({ kind: z.literal('unreadable'), ...where }),
] as const;

/** What a {@link PipeFault} must look like. */
export const pipeFaultSchema = z.discriminatedUnion('kind', [...BYTES_FAULTS, ...FIFO_FAULTS]);

/**
 * A fault that the local agent plays on a channel in Pipe mode, so that a training can be tested against it. It is the
 * same in every run.
 *
 * ```ts
 * import { startLocalAgent, type PipeFault } from 'millrace/agent';
 *
 * const S3DataSource = { S3DataType: 'S3Prefix', S3Uri: 'data/train' } as const;
 * const faults: PipeFault[] = [
 *   { kind: 'trickle', channel: 'train', everyMs: 10 },
 *   { kind: 'cut', channel: 'train', epochs: [1], afterBytes: 1000 },
 * ];
 * await using agent = await startLocalAgent({
 *   InputDataConfig: [{ ChannelName: 'train', DataSource: { S3DataSource } }],
 *   faults,
 * });
 * console.log(agent.baseDir);
 * ```
 *
 * `epochs` lists those that it strikes; without it, all. Every host is struck. `docs/local-agent.md` has what each kind
 * does, and what a training sees of it.
 */
export type PipeFault = z.input<typeof pipeFaultSchema>;

/** A fault, checked. */
export type CheckedFault = z.output<typeof pipeFaultSchema>;

/** A fault of the bytes. */
export type BytesFault = z.output<(typeof BYTES_FAULTS)[number]>;

/** A fault of the FIFO. */
export type FifoFault = z.output<(typeof FIFO_FAULTS)[number]>;

/** The faults that strike one epoch. */
export interface EpochFaults {
  readonly ofBytes: readonly BytesFault[];
  readonly ofFifo: FifoFault | undefined;
}

/** Finds the faults of one epoch of a channel. */
export function faultsOfEpoch(faults: readonly CheckedFault[], channel: string, epoch: number): EpochFaults {
  const mine = faults.filter((fault) => fault.channel === channel && (fault.epochs?.includes(epoch) ?? true));
  return { ofBytes: mine.filter((fault) => !isOfFifo(fault)), ofFifo: mine.find(isOfFifo) };
}

/** What is wrong with one of a job's faults, seen beside its channels and the faults before it. */
export function faultOfFault(
  faults: readonly CheckedFault[],
  index: number,
  channels: readonly JobChannel[],
): ChannelFault | undefined {
  const fault = faults[index] as CheckedFault;
  const names = channels.filter(({ InputMode }) => InputMode === 'Pipe').map(({ ChannelName }) => ChannelName);
  if (!names.includes(fault.channel)) {
    const known = names.length === 0 ? 'of which this job has none' : `such as ${names.join(', ')}`;
    return { path: ['channel'], message: `expected a channel in Pipe mode, ${known}, found "${fault.channel}"` };
  }
  const other = faults
    .slice(0, index)
    .findIndex((earlier) => isOfFifo(fault) && isOfFifo(earlier) && meet(fault, earlier));
  if (other < 0) return undefined;
  const message = `faults[${other}] has another fault of the same FIFO: give each its own epochs`;
  return { path: ['epochs'], message };
}

function isOfFifo(fault: CheckedFault): fault is FifoFault {
  return FIFO_FAULTS.some(({ shape }) => shape.kind.value === fault.kind);
}

function meet(a: CheckedFault, b: CheckedFault): boolean {
  if (a.channel !== b.channel) return false;
  return a.epochs === undefined || b.epochs === undefined || a.epochs.some((epoch) => b.epochs?.includes(epoch));
}
