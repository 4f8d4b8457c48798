import type { MemoryReading, MemoryWay } from './memoryReader.js';
import { ratiosOf, readInPairs } from './pairs.js';
import type { BenchContext, Result, Section } from './section.js';
import { startModule } from './startReader.js';
import { median, round, spread } from './statistics.js';
import { atMost } from './targets.js';

/** Millrace's peak memory divided by that of RxJS is at most this. */
const TARGET = 0.25;

/** Compares the peak memory of sources that read an iterable for a slow consumer. */
export const MEMORY_SECTION: Section = {
  title: 'Peak memory with a slow consumer, compared with RxJS',
  columns: ['case', 'fromIterable MB', 'min–max', 'from MB', 'min–max', 'memory ratio ↓', 'min–max'],
  method: ({ pairs }) => `pairs: ${pairs}; each reading: a process, without a warm-up`,
  measurements: { memory: measure },
  isQuick: false,
};

async function measure({ cpus, pairs, progress }: BenchContext): Promise<Result> {
  const peakOf = (way: MemoryWay) => async () => {
    const { stdout } = await startModule('memoryReader.js', [way], cpus.reader).output;
    return (JSON.parse(stdout) as MemoryReading).peakRssBytes / 1e6;
  };
  const peaks = await readInPairs({ pairs, progress, ours: peakOf('fromIterable'), theirs: peakOf('from') });
  const ratios = ratiosOf(peaks, (ours, theirs) => ours / theirs);
  const [ours, theirs] = [Math.round(median(peaks.ours)), Math.round(median(peaks.theirs))];
  const memoryRatio = round(median(ratios), 3);
  return {
    json: {
      ...{ peakRssMegabytes: ours, theirPeakRssMegabytes: theirs },
      ...{ memoryRatio, memoryRatioRange: spread(ratios, 3) },
    },
    cells: [
      ...['memory', `${ours}`, spread(peaks.ours, 0), `${theirs}`, spread(peaks.theirs, 0)],
      ...[`${memoryRatio}`, spread(ratios, 3)],
    ],
    targets: [atMost('memory ratio', memoryRatio, TARGET)],
  };
}
