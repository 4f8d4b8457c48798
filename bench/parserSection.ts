import { ratiosOf } from './pairs.js';
import type { ParserCase, ParserSpeeds } from './parserCost.js';
import type { BenchContext, Result, Section } from './section.js';
import { startModule } from './startReader.js';
import { median, round, spread } from './statistics.js';
import { atLeast } from './targets.js';

/** The lowest accepted ratios of the speeds. */
const TARGETS: Readonly<Record<ParserCase, number>> = { 'parser-readme': 1.2, 'parser-floats': 4 };

/** Compares the parser of `tf.train.Example` with protobufjs. One thread parses messages in memory. */
export const PARSER_SECTION: Section = {
  title: 'Parsing tf.train.Example in memory, compared with protobufjs',
  method: ({ pairs }) => `pairs: ${pairs}; each reading: 1 s of CPU time, after a warm-up of 2 s`,
  columns: ['case', 'M examples per CPU s', 'min–max', 'protobufjs', 'min–max', 'speed ratio ↑', 'min–max'],
  measurements: Object.fromEntries(
    Object.entries(TARGETS).map(([name, target]) => [
      name,
      (context: BenchContext) => measure(name as ParserCase, target, context),
    ]),
  ),
  isQuick: false,
};

async function measure(name: ParserCase, target: number, { cpus, pairs, progress }: BenchContext): Promise<Result> {
  progress(`${pairs} pairs`);
  const { stdout } = await startModule('parserCost.js', [name, String(pairs)], cpus.reader).output;
  const speeds = JSON.parse(stdout) as ParserSpeeds;
  const ratios = ratiosOf(speeds, (ours, theirs) => ours / theirs);
  const [ours, theirs] = [median(speeds.ours), median(speeds.theirs)];
  const speedRatio = round(median(ratios), 2);
  return {
    json: {
      ...{ millionExamplesPerCpuSecond: round(ours, 3), theirMillionExamplesPerCpuSecond: round(theirs, 3) },
      ...{ speedRatio, speedRatioRange: spread(ratios, 2) },
    },
    cells: [
      ...[name, ours.toFixed(3), spread(speeds.ours, 3), theirs.toFixed(3), spread(speeds.theirs, 3)],
      ...[`${speedRatio}`, spread(ratios, 2)],
    ],
    targets: [atLeast('speed ratio', speedRatio, target)],
  };
}
