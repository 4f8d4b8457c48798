import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { channel, trainingJob, writeRecords } from 'millrace';
import { encodeTextLine, fixedLenFeature, rawFeature } from 'millrace/formats';
import { fromOrtTensors, toOrtTensors } from 'millrace/onnx';
import { batch, decodeTFRecord, mapAsync, parseExample, unbatch } from 'millrace/operators';
import * as ort from 'onnxruntime-node';

/** Classifies the images of the channel `validation`, and writes a line of JSON for each image. */
const session = await ort.InferenceSession.create(fileURLToPath(new URL('digits.onnx', import.meta.url)));
const { outputDataDir } = trainingJob();

const prediction$ = channel('validation').pipe(
  decodeTFRecord(),
  batch(64),
  parseExample({ image: rawFeature([64], 'uint8'), label: fixedLenFeature([], 'int64', { as: 'int32' }) }),
  mapAsync(async ({ image, label }) => {
    const inputs = toOrtTensors(ort, { image }, { dtypes: { image: 'float32' } });
    const { probabilities } = fromOrtTensors(await session.run(inputs));
    if (!probabilities) throw new Error('The model has no output "probabilities".');
    return { probabilities, label };
  }),
  unbatch(),
);

const manifest = await writeRecords(prediction$, join(outputDataDir, 'predictions-{shard}.jsonl'), {
  recordFormat: ({ probabilities, label }) => {
    const scores = Array.from(probabilities.data as Float32Array);
    const digit = scores.indexOf(Math.max(...scores));
    return encodeTextLine(JSON.stringify({ digit, score: scores[digit], label: label.data[0] }));
  },
  recordsPerFile: 100,
});
console.log(`${manifest.records} predictions in ${manifest.files.length} files`);
