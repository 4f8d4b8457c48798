import { withBareServer, withSlowLink } from './benchServers.js';
import { readObjects } from './readObjects.js';
import type { BenchContext, Result, Section } from './section.js';
import type { SlowLink } from './slowLink.js';
import { median, round } from './statistics.js';
import type { BenchServer, StoreTask } from './storeReader.js';

const MEBIBYTE = 1024 * 1024;
const LINK: Omit<SlowLink, 'port'> = { roundTripMs: 100, bytesPerSecond: 125e6, windowBytes: 4 * MEBIBYTE };
const CONCURRENCIES = [1, 2, 4, 8, 16];

export const LATENCY_SECTION: Section = {
  title: 'An object of a store over a link of 100 ms and 125 MB/s',
  method: ({ pairs, byteLength }) =>
    `readings: ${pairs}, each of up to ${byteLength / MEBIBYTE} MiB, without a warm-up`,
  pairs: () => 3,
  columns: ['case', 'concurrency', 'MB/s', 'of the link ↑'],
  measurements: Object.fromEntries(
    CONCURRENCIES.map((concurrency) => [
      `store-latency-${concurrency}`,
      (context: BenchContext) => measure(context, concurrency),
    ]),
  ),
  isQuick: false,
};

async function measure(context: BenchContext, concurrency: number): Promise<Result> {
  // With one range at a time, reading is slow, so less data is read. With several ranges, more data is needed, because
  // the first round trips are slow.
  const byteLength = (context.byteLength * Math.min(concurrency, 4)) / 4;
  const read = async (server: BenchServer): Promise<Result> => {
    const task: StoreTask = { way: 'ranges', server, objects: 1, byteLength, rangeBytes: 8 * MEBIBYTE, concurrency };
    const rates: number[] = [];
    for (let i = 0; i < context.pairs; i++) {
      context.progress(`reading ${i + 1} of ${context.pairs}`);
      rates.push(byteLength / (await readObjects(task, context)).seconds);
    }
    const rate = median(rates);
    const megabytesPerSecond = round(rate / 1e6, 1);
    const linkShare = round(rate / LINK.bytesPerSecond, 2);
    const json = { concurrency, megabytesPerSecond, linkShare };
    return { json, cells: [`store-latency-${concurrency}`, ...Object.values(json).map(String)] };
  };
  return withBareServer(context, byteLength, (server) => withSlowLink(context, { server, link: LINK }, read));
}
