import process from 'node:process';
import { Command, InvalidArgumentError } from 'commander';
import { globalBatches, hostOf, indexRecords, oneHot, scale, toAsyncIterable } from 'millrace';
import { fixedLenFeature, rawFeature, type ParsedExample } from 'millrace/formats';
import { parseExample } from 'millrace/operators';
import { map } from 'rxjs';

const CLASSES = 10;
const MAX_PIXEL = 16;
const PIXELS = 64;

const program = new Command('train')
  .description('Reads one epoch of global batches of scanned digits, as one pod of an Indexed Job.')
  .argument('<data>', 'the folder of the TFRecord files')
  .requiredOption('--hosts <n>', 'the number of pods: the completions of the Job', parseHosts)
  .parse();
const [data = ''] = program.args;
const host = hostOf({ count: program.opts<{ hosts: number }>().hosts });

const features = { image: rawFeature([PIXELS], 'uint8'), label: fixedLenFeature([], 'int64') };

function toInputAndTarget({ image, label }: ParsedExample<typeof features>) {
  return { xs: scale(image, 1 / MAX_PIXEL), ys: oneHot(label, CLASSES) };
}

const recordFormat = 'TFRecord';
// Small blocks, because the example has little data. For most datasets, use the default of 8 MiB.
const index = await indexRecords(data, { recordFormat, blockBytes: 2048 });
const batches$ = globalBatches(data, {
  recordFormat,
  index,
  seed: 7,
  globalBatchSize: 128,
  lanes: 8,
  dropRemainder: true,
  owner: host,
}).pipe(parseExample(features), map(toInputAndTarget));

let [steps, records] = [0, 0];
for await (const { xs } of toAsyncIterable(batches$)) {
  // Train here. In each step, all hosts have parts of the same global batch, so average the gradients of the hosts.
  steps++;
  records += xs.shape[0] ?? 0;
}
process.stdout.write(`pod ${host.index} of ${host.count}: ${steps} steps, ${records} records\n`);

function parseHosts(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a number of hosts.');
}
