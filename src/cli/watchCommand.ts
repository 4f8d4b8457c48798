import { reportWithAdvice } from '../../operators/report.js';
import type { WatchedEpoch } from '../agent/pipes/offerEpochs.js';
import { toAsyncIterable } from '../consumers/toAsyncIterable.js';
import { asyncIterableSource } from '../sources/fromAsyncIterable.js';
import type { Advice } from '../report/verdict.js';
import { liveOf, type ReportFileFlags } from './reportFileOptions.js';

const WORK = 'use fewer hosts and channels on this machine';
const ADVICE: Advice = {
  areStagesAlike: true,
  moveWork: () => WORK,
  reduceWork: 'or use objects without compression',
  helpSource: 'use larger objects, or local files',
  readAhead: 'let the command read ahead while it trains, for example with prefetch() in its pipeline',
};

/** Measures how long the command of a job waits for each channel. While a FIFO is full, its reader counts as busy. */
export interface CommandWatch {
  readonly watch: (chunks: AsyncIterable<Uint8Array>, epoch: WatchedEpoch) => AsyncIterable<Uint8Array>;
  /** Writes the files, and closes the live page. Returns false if the command opened no FIFO. */
  readonly end: () => Promise<boolean>;
}

interface WatchFlags extends ReportFileFlags {
  readonly json?: true;
}

export function watchCommand({ page, trace, live, json }: WatchFlags): CommandWatch {
  const report = reportWithAdvice({ consumer: 'the command', page, trace, live: liveOf(live, json) }, ADVICE);
  report.serve();
  return {
    watch: (chunks, { channel, host }) => {
      const name = `${channel} of ${host}`;
      return toAsyncIterable(asyncIterableSource(chunks, name).pipe(report));
    },
    end: async () => {
      await report.close();
      return report.read().subscriptions > 0;
    },
  };
}
