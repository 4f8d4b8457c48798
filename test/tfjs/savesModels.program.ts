// Saves models in the folder of the first argument until the process is killed. All weights of a model have the same value.
import process from 'node:process';
import { modelFolder } from 'millrace/tfjs';
import { loadBackend } from './backends.js';
import { modelOf } from './modelOf.js';

const tf = await loadBackend('cpu');
const folder = process.argv[2] ?? '';
for (let value = 1; ; value++) {
  const model = modelOf(tf, value);
  await model.save(modelFolder(tf, folder));
  model.dispose();
  console.log(value);
}
