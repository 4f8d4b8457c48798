import { ConfigError } from '../base/errors.js';
import type { Facts } from './cursor.js';

/** Stages that make each item from a fixed number of consecutive records. */
const MADE_OF_CONSECUTIVE: readonly string[] = [
  'batch',
  'paddedBatch',
  'combineAttributes',
  'interleave',
  'mapWithRandom',
];

const REMEDY = 'Remove recordsPerItem. A resumed epoch without recordsPerItem is read again from its start.';

export function refuseSeeking(stage: string): void {
  if (MADE_OF_CONSECUTIVE.includes(stage)) return;
  throw refusal(`${stage} does not make its items from consecutive records. ${REMEDY}`);
}

/**
 * Returns how many items of `stage` are in one item of `resumable`.
 *
 * @param downstream - the stages between `stage` and `resumable`.
 */
export function itemsPerDelivered(stage: string, downstream: readonly Facts[]): number {
  return downstream.reduce((product, { stage: other, size }) => {
    if (typeof size === 'number') return product * size;
    if (other === 'mapWithRandom') return product;
    throw refusal(`put ${stage} after ${other as string}. Or: ${REMEDY}`);
  }, 1);
}

export function needsFiles(): ConfigError {
  return refusal(
    `expected one recordsFromFiles(), fromParquet(), globalBatches(), or records() in File mode, as the only input. ${REMEDY}`,
  );
}

export function needsThisThread(): ConfigError {
  return refusal(
    `inWorker can begin in the middle of an epoch only if its pipeline reads globalBatches(), and recordsPerItem is 1. ${REMEDY}`,
  );
}

interface Counts {
  readonly items: number;
  readonly records: number;
  readonly recordsPerItem: number;
  readonly at: 'an item' | 'the end';
}

/** @throws ConfigError if the number of items does not match the records, for example because of `filter` or `take`. */
export function requireCount({ items, records, recordsPerItem, at }: Counts): void {
  const most = Math.ceil(records / recordsPerItem);
  const least = at === 'the end' ? Math.floor(records / recordsPerItem) : 0;
  if (items >= least && items <= most) return;
  throw refusal(
    `${items} items were made from ${records} records, but recordsPerItem is ${recordsPerItem}. ` +
      `Correct recordsPerItem. If operators such as filter, take or scan are in the pipeline: ${REMEDY}`,
  );
}

function refusal(why: string): ConfigError {
  return new ConfigError(`resumable: recordsPerItem: ${why}`, { path: 'recordsPerItem' });
}
