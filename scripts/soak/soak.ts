import { join } from 'node:path';
import { repeat, type Observable } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { decodeRecordIO } from '../../operators/decodeRecordIO.js';
import { decodeTFRecord } from '../../operators/decodeTFRecord.js';
import { prefetch } from '../../operators/prefetch.js';
import { shuffle } from '../../operators/shuffle.js';
import { zipChannels } from '../../operators/zipChannels.js';
import { seededRandom } from '../../src/base/seededRandom.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { EpochState } from '../../src/sagemaker/epochState.js';
import { channel } from '../../src/sources/channel.js';
import { CHANNELS, epochPlan } from './epochPlan.js';
import { Ledger, Violation, type Pair } from './ledger.js';
import { randomPace } from './pace.js';
import type { RunningWriter } from './startWriter.js';

export interface SoakOptions {
  readonly seed: number;
  readonly writer: Pick<RunningWriter, 'baseDir' | 'died'>;
  /** Called after each batch. If it returns `enough`, the soak test ends after the current subscription. */
  readonly onBatch: (ledger: Ledger) => 'go on' | 'enough';
}

const SHUFFLE_BUFFER = 64;
const BATCH_SIZE = 16;
const PREFETCH = 4;
const LONGEST_SEGMENT = 4;
const STREAM = 0xffff_fffd;
const IDLE_TIMEOUT_MS = 60_000;

type Ending = 'to the end' | 'break' | 'abort';

const ENDINGS: readonly Ending[] = ['to the end', 'to the end', 'to the end', 'break', 'abort'];

interface Segment {
  readonly last: number;
  readonly ending: Ending;
  readonly cutAfter: number;
}

/**
 * Reads epochs of two channels, zipped, shuffled, batched and prefetched, until `onBatch` returns `enough`. Each
 * subscription reads a few epochs. Some subscriptions end in the middle of their last epoch.
 *
 * @throws Violation if a record did not arrive exactly as often as expected.
 */
export async function soak({ seed, writer, onBatch }: SoakOptions): Promise<Ledger> {
  const ledger = new Ledger({ countOf: (epoch) => epochPlan(seed, epoch).count, shuffleBuffer: SHUFFLE_BUFFER });
  const random = seededRandom(seed, STREAM);
  const pace = randomPace(seed);
  let isEnough = false;
  const take = (batch: readonly Pair[]): void => {
    for (const pair of batch) ledger.take(pair);
    if (onBatch(ledger) === 'enough') isEnough = true;
  };
  while (!isEnough) {
    writer.died.throwIfAborted();
    const segment = drawSegment(seed, ledger.epoch, random);
    const stop = new AbortController();
    const abort = (): void => stop.abort(writer.died.reason);
    writer.died.addEventListener('abort', abort);
    const epochs = segment.last - ledger.epoch + 1;
    const batches$ = pairs(writer.baseDir, stop.signal, seed).pipe(
      batch(BATCH_SIZE),
      prefetch(PREFETCH),
      repeat(epochs),
    );
    let isCut = false;
    try {
      for await (const items of toAsyncIterable(batches$, { overrun: 'error' })) {
        take(items);
        isCut = ledger.epoch === segment.last && ledger.pairsOfEpoch >= segment.cutAfter;
        if (isCut && segment.ending === 'break') break;
        if (isCut) stop.abort();
        await pace();
      }
    } catch (error) {
      if (!isCut || error !== stop.signal.reason) throw error;
    } finally {
      writer.died.removeEventListener('abort', abort);
    }
    if (isCut) ledger.cut();
    else ledger.endBefore(segment.last + 1);
    checkStates(writer.baseDir, ledger.epoch);
  }
  return ledger;
}

function drawSegment(seed: number, first: number, random: (bound: number) => number): Segment {
  const last = first + random(LONGEST_SEGMENT);
  const { count } = epochPlan(seed, last);
  // An empty epoch cannot end early.
  const ending = count === 0 ? 'to the end' : (ENDINGS[random(ENDINGS.length)] ?? 'to the end');
  return { last, ending, cutAfter: ending === 'to the end' ? Infinity : 1 + random(count) };
}

function pairs(baseDir: string, signal: AbortSignal, seed: number): Observable<Pair> {
  const options = { baseDir, signal, allowEmpty: true, idleTimeoutMs: IDLE_TIMEOUT_MS };
  const zipped$ = zipChannels({
    left: channel('left', options).pipe(decodeRecordIO()),
    right: channel('right', options).pipe(decodeTFRecord()),
  });
  return zipped$.pipe(shuffle(SHUFFLE_BUFFER, { seed }));
}

/** Throws if `expected` is not the next epoch, because an epoch was skipped or opened too early. */
function checkStates(baseDir: string, expected: number): void {
  for (const name of CHANNELS) {
    const found = new EpochState(join(baseDir, 'pipe_state'), name).read();
    if (found !== expected)
      throw new Violation(`channel ${name}: expected ${expected} as the next epoch, found ${found}`);
  }
}
