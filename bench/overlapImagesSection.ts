import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { encodeManifestLine } from 'millrace/formats';
import { encodeImages } from './imageCases.js';
import { CLASSES } from './imagesPipeline.js';
import { OVERLAP_SECTION, ratesOf } from './overlapSection.js';
import type { TrainingRates } from './overlapTraining.js';
import { run } from './processes.js';
import type { BenchContext, Result, Section } from './section.js';

const EPOCH_IMAGES = 256;

export const OVERLAP_IMAGES_SECTION: Section = {
  title: 'Training on images never waits',
  columns: OVERLAP_SECTION.columns,
  measurements: { 'overlap-images': trainImages },
  isQuick: false,
};

const JOB = {
  TrainingJobName: 'images',
  AlgorithmSpecification: { TrainingInputMode: 'Pipe' },
  InputDataConfig: [
    {
      ChannelName: 'train',
      RecordWrapperType: 'RecordIO',
      DataSource: {
        S3DataSource: {
          S3DataType: 'AugmentedManifestFile',
          S3Uri: 'train.manifest',
          AttributeNames: ['image-ref', 'label'],
        },
      },
    },
  ],
};

/** Trains in a new process. The agent runs in another process. */
async function trainImages({ pairs, progress, folder: parent }: BenchContext): Promise<Result> {
  progress(`${pairs} pairs of trainings`);
  const folder = mkdtempSync(join(parent, 'images-'));
  try {
    await writeJob(folder);
    const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
    const local = [pathOf('../lib/main.js'), 'local', join(folder, 'job.json'), '--'];
    const training = [process.execPath, pathOf('./overlapImages.js'), String(pairs)];
    const { stdout } = await run(process.execPath, [...local, ...training]);
    const line = stdout.split('\n').find((each) => each.startsWith('{'));
    if (line === undefined) throw new Error(`The training printed no line of JSON: ${stdout}`);
    const { worker, memory } = JSON.parse(line) as TrainingRates;
    const labels = { name: 'overlap-images', against: 'the same batches in memory', target: '>= 0.97' };
    return ratesOf(labels, { fed: worker, reference: memory });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function writeJob(folder: string): Promise<void> {
  const images = await encodeImages();
  for (const [index, image] of images.entries()) writeFileSync(join(folder, `${index}.jpg`), image);
  const lines = Array.from({ length: EPOCH_IMAGES }, (_, index) =>
    encodeManifestLine({ 'image-ref': `${index % images.length}.jpg`, label: index % CLASSES }),
  );
  writeFileSync(join(folder, 'train.manifest'), Buffer.concat(lines));
  writeFileSync(join(folder, 'job.json'), JSON.stringify(JOB));
}
