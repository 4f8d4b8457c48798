/** A process that alternately parses the same examples with this package and with protobufjs. Prints both speeds. */
import process from 'node:process';
import {
  createExampleParser,
  fixedLenFeature,
  rawFeature,
  TFRecordReader,
  type ExampleParser,
  type Features,
} from 'millrace/formats';
import { Example } from 'tfrecord';
import { floatsExample, readmeExample } from './cases.js';
import { readInPairs, type Pairs } from './pairs.js';

export type ParserCase = 'parser-readme' | 'parser-floats';

/** Million examples per second of CPU time, in pairs. */
export type ParserSpeeds = Pairs<number>;

const BATCH = 64;
const BATCHES = 16;
const WARM_UP_CPU_MS = 2000;
const MEASURED_CPU_MS = 1000;

const label = fixedLenFeature([], 'int64');
const CASES: Readonly<Record<ParserCase, readonly [encode: typeof readmeExample, parser: ExampleParser<Features>]>> = {
  'parser-readme': [readmeExample, createExampleParser({ data: rawFeature([100], 'float64'), labels: label })],
  'parser-floats': [floatsExample, createExampleParser({ image: fixedLenFeature([3072], 'float32'), label })],
};

const [, , name = '', pairs = ''] = process.argv;
const [encode, parser] = CASES[name as ParserCase];
const batches = Array.from({ length: BATCHES }, (_, first) =>
  Array.from({ length: BATCH }, (_, index) => recordOf(encode(first * BATCH + index))),
);

const ways = {
  ours: () => {
    for (const records of batches) parser.parseBatch(records);
  },
  theirs: () => {
    for (const records of batches) for (const record of records) Example.decode(record);
  },
};

/** Returns the message in a record of TFRecord. */
function recordOf(bytes: Uint8Array): Uint8Array {
  const reader = new TFRecordReader();
  reader.push(bytes);
  return reader.read() as Uint8Array;
}

function speedOf(parseAll: () => void, cpuMs: number): number {
  const before = process.cpuUsage();
  let microseconds = 0;
  let examples = 0;
  while (microseconds < cpuMs * 1000) {
    parseAll();
    examples += BATCHES * BATCH;
    const { user, system } = process.cpuUsage(before);
    microseconds = user + system;
  }
  return examples / microseconds;
}

for (const parseAll of Object.values(ways)) speedOf(parseAll, WARM_UP_CPU_MS);
const speeds = await readInPairs({
  pairs: Number(pairs),
  progress: () => undefined,
  ours: () => Promise.resolve(speedOf(ways.ours, MEASURED_CPU_MS)),
  theirs: () => Promise.resolve(speedOf(ways.theirs, MEASURED_CPU_MS)),
});
console.log(JSON.stringify(speeds));
