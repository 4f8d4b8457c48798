import { records } from 'millrace';
import { decodeRaw } from 'millrace/formats';
import { batch, decodeCsv, prefetch, shuffle, zipChannels } from 'millrace/operators';
import { fitDataset, toDataset } from 'millrace/tfjs';
import { map } from 'rxjs';
import { loadTensorFlow } from '../digits/loadTensorFlow.js';
import { digitsModel, toInputAndTarget, TRAINING_RECORDS } from '../sagemaker/digitsModel.js';

const EPOCHS = 10;
const BATCH_SIZE = 64;

/** Reads one epoch of two channels. The nth scan belongs to the nth label. */
function digits(part: string) {
  return zipChannels({
    image: records(`${part}-pixels`, { recordFormat: 'RecordIO' }).pipe(map((pixels) => decodeRaw(pixels, 'uint8'))),
    label: records(`${part}-labels`, { recordFormat: 'TextLine' }).pipe(
      decodeCsv(['int64']),
      map(([label]) => label),
    ),
  });
}

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
