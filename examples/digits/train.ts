import { pathToFileURL } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { channel, formatReport, oneHot, scale } from 'millrace';
import { fixedLenFeature, rawFeature, type ParsedExample } from 'millrace/formats';
import { batch, decodeTFRecord, parseExample, prefetch, report, shuffle } from 'millrace/operators';
import { fitDataset, toDataset } from 'millrace/tfjs';
import { map } from 'rxjs';
import { loadTensorFlow } from './loadTensorFlow.js';
import { reportProgress, reportResult } from './report.js';

const BATCH_SIZE = 64;
const CLASSES = 10;
const MAX_PIXEL = 16;
const PIXELS = 64;
const TRAINING_RECORDS = 1437;

const { epochs, json, page } = new Command('train')
  .description('Trains a small dense network on scanned digits, from the channels of a SageMaker training job.')
  .option('--epochs <n>', 'the number of times to read the training channel', parseEpochs, 20)
  .option('--json', 'print the result as one line of JSON instead of a table', false)
  .option('--page <file.html>', 'write an HTML page that shows what the training waited for, and when')
  .parse()
  .opts<{ epochs: number; json: boolean; page?: string }>();

const tf = await loadTensorFlow();
console.log(`Training on the backend ${tf.getBackend()}.`);

const features = { image: rawFeature([PIXELS], 'uint8'), label: fixedLenFeature([], 'int64') };

function toInputAndTarget({ image, label }: ParsedExample<typeof features>) {
  return { xs: scale(image, 1 / MAX_PIXEL), ys: oneHot(label, CLASSES) };
}

const watched = report({ consumer: 'training', page });
const training$ = channel('train').pipe(
  decodeTFRecord(),
  shuffle(TRAINING_RECORDS, { seed: 7 }),
  batch(BATCH_SIZE),
  parseExample(features),
  map(toInputAndTarget),
  prefetch(4),
  watched,
);
const validation$ = channel('validation').pipe(
  decodeTFRecord(),
  batch(BATCH_SIZE),
  parseExample(features),
  map(toInputAndTarget),
);

const { heNormal, glorotNormal } = tf.initializers;
const model = tf.sequential({
  layers: [
    tf.layers.dense({ inputShape: [PIXELS], units: 128, activation: 'relu', kernelInitializer: heNormal({ seed: 1 }) }),
    tf.layers.dense({ units: CLASSES, activation: 'softmax', kernelInitializer: glorotNormal({ seed: 2 }) }),
  ],
});
model.compile({ optimizer: tf.train.adam(0.005), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });

const dataset = toDataset(tf, training$);
const startedAt = performance.now();
const { epoch, history } = await fitDataset(model, dataset, {
  epochs,
  validationData: toDataset(tf, validation$),
  callbacks: reportProgress(epochs),
  verbose: 0,
});
const trainingMs = performance.now() - startedAt;

const { records, inputWaitMs } = dataset.stats;
const accuracy = Number(history['val_acc']?.at(-1));
const pipelineReport = watched.read();
reportResult(
  {
    ...{ accuracy, epochs: epoch.length, records, bytes: pipelineReport.stages[0]?.figures.bytes ?? 0 },
    ...{ backend: tf.getBackend(), trainingMs, inputWaitMs, verdict: pipelineReport.verdict },
  },
  { json },
);
if (!json) {
  console.log(formatReport(pipelineReport));
  // The page is written at the end of the process.
  if (page !== undefined) console.log(`See ${pathToFileURL(page).href}`);
}

function parseEpochs(text: string): number {
  const parsed = Number(text);
  if (Number.isInteger(parsed) && parsed > 0) return parsed;
  throw new InvalidArgumentError('Expected a positive integer.');
}
