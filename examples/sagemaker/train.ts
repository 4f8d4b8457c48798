import { join } from 'node:path';
import { records, trainingJob } from 'millrace';
import { batch, parseExample, prefetch, resumable, shuffle } from 'millrace/operators';
import { fitDataset, modelFolder, toDataset } from 'millrace/tfjs';
import { identity, map, type Observable } from 'rxjs';
import { z } from 'zod';
import { loadTensorFlow } from '../digits/loadTensorFlow.js';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.js';
import { DIGIT_FEATURES, digitsModel, toInputAndTarget, TRAINING_RECORDS } from './digitsModel.js';

type Batch = ReturnType<typeof toInputAndTarget>;

const job = trainingJob({
  hyperparameters: z.strictObject({
    epochs: z.int().positive().default(20),
    batchSize: z.int().positive().default(64),
    learningRate: z.number().positive().default(0.005),
  }),
});

try {
  await train();
} catch (error) {
  console.error(error);
  job.fail(error);
} finally {
  job.close();
}

async function train(): Promise<void> {
  const { epochs, learningRate } = job.hyperparameters;
  const tf = await loadTensorFlow();
  // All hosts of a job share the checkpoint folder.
  const path = join(job.checkpointDir, `checkpoint-${job.currentHost}.json`);
  const saved = await loadCheckpoint(tf, path);
  const model = saved?.model ?? digitsModel(tf, learningRate);
  const resume = resumable<Batch>({ cursor: saved?.cursor });
  let epochsTrained = resume.cursor().epoch;
  if (saved) console.log(`Resuming in epoch ${saved.cursor.epoch + 1}, after ${saved.cursor.items} batches.`);
  try {
    await fitDataset(model, toDataset(tf, batches('train', { shuffled: true }).pipe(prefetch(4), resume)), {
      epochs,
      initialEpoch: epochsTrained,
      validationData: toDataset(tf, batches('validation')),
      verbose: 0,
      callbacks: {
        // The signal ends the channels, but the shuffle buffer may still contain a whole epoch.
        onBatchEnd: () => job.signal.throwIfAborted(),
        onEpochEnd: async (epoch, logs) => {
          epochsTrained = epoch + 1;
          console.log(
            `epoch ${epochsTrained}/${epochs} loss=${figure(logs?.['loss'])} accuracy=${figure(logs?.['val_acc'])}`,
          );
          await saveCheckpoint(tf, path, { model, cursor: resume.cursor() });
        },
      },
    });
  } catch (error) {
    // SIGTERM ends the training with this reason. Any other error is a failure.
    if (error !== job.signal.reason) throw error;
    console.log(`Stopped after ${epochsTrained} of ${epochs} epochs.`);
    // The model has been trained on each delivered batch, so the model and the cursor match.
    await saveCheckpoint(tf, path, { model, cursor: resume.cursor() });
    if (epochsTrained === 0) return;
  }
  await model.save(modelFolder(tf, job.modelDir));
}

/** Reads one epoch of a channel, in any input mode, as batches for the model. */
function batches(channel: string, { shuffled = false } = {}): Observable<Batch> {
  return records(channel, { recordFormat: 'TFRecord', signal: job.signal }).pipe(
    shuffled ? shuffle(TRAINING_RECORDS, { seed: 7 }) : identity,
    batch(job.hyperparameters.batchSize),
    parseExample(DIGIT_FEATURES),
    map(toInputAndTarget),
  );
}

function figure(value: number | undefined): string {
  return String(value?.toFixed(4));
}
