import { literal } from '../inspect/csvCode.js';

/** Returns a script that trains a small network on one part of the images, and validates it on the other part. */
export function imageScript(classNames: readonly string[]): string {
  return `import { relative } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { imageFolder, oneHot, scale } from 'millrace';
import { batch, decodeImage, prefetch, split } from 'millrace/operators';
import { fitDataset, toDataset } from 'millrace/tfjs';
import { map } from 'rxjs';

const EPOCHS = 20;
const SIZE = 32; // pixels
const PARTS = { train: 0.8, validation: 0.2 }; // each image is always in the same part
const CLASSES = ${literal(classNames)};
const CHANNELS = \`\${process.env.SAGEMAKER_BASE_DIR ?? '/opt/ml'}/input/data\`;

/** The batches of one part. */
function batches(part) {
  const folder = \`\${CHANNELS}/\${part}\`;
  const shuffleSeed = part === 'train' ? 7 : undefined;
  return imageFolder(folder, { classNames: CLASSES, shuffleSeed }).pipe(
    split(PARTS, { part, by: ({ path }) => relative(folder, path) }),
    decodeImage({ feature: 'image', resize: { height: SIZE, width: SIZE } }),
    batch(32),
    map(({ image, label }) => ({ xs: scale(image, 1 / 255), ys: oneHot(label, CLASSES.length) })),
    prefetch(2),
  );
}

await tf.setBackend('wasm'); // it cannot train convolutions: for tf.layers.conv2d, use @tensorflow/tfjs-node
const model = tf.sequential({
  layers: [
    tf.layers.flatten({ inputShape: [SIZE, SIZE, 3] }),
    tf.layers.dense({ units: 64, activation: 'relu' }),
    tf.layers.dense({ units: CLASSES.length, activation: 'softmax' }),
  ],
});
model.compile({ optimizer: tf.train.adam(0.001), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });

await fitDataset(model, toDataset(tf, batches('train')), {
  epochs: EPOCHS,
  validationData: toDataset(tf, batches('validation')),
  callbacks: {
    onEpochEnd: (epoch, logs) => {
      console.log(\`epoch \${epoch + 1} of \${EPOCHS}: loss \${logs.loss.toFixed(4)}, accuracy of the validation images \${logs.val_acc.toFixed(4)}\`);
    },
  },
});
`;
}
