import { batch, cache, prefetch, shuffle } from 'millrace/operators';
import { fitDataset, toDataset } from 'millrace/tfjs';
import { map } from 'rxjs';
import { loadTensorFlow } from '../digits/loadTensorFlow.js';
import { digitsModel, toInputAndTarget, TRAINING_RECORDS } from '../sagemaker/digitsModel.js';
import { readManifest } from './readManifest.js';

const EPOCHS = 10;
const BATCH_SIZE = 64;

/** Decodes the images once, and keeps them in memory for later epochs. The images are few and small. */
const digits = (channel: string) => readManifest(channel).pipe(cache({ maxBytes: 2 ** 20 }));

const training$ = digits('train').pipe(
  shuffle(TRAINING_RECORDS, { seed: 7 }),
  batch(BATCH_SIZE),
  map(toInputAndTarget),
  prefetch(4),
);
const validation$ = digits('validation').pipe(batch(BATCH_SIZE), map(toInputAndTarget));

const tf = await loadTensorFlow();
const { history } = await fitDataset(digitsModel(tf), toDataset(tf, training$), {
  epochs: EPOCHS,
  validationData: toDataset(tf, validation$),
  verbose: 0,
});
console.log(`accuracy=${Number(history['val_acc']?.at(-1)).toFixed(4)}`);
