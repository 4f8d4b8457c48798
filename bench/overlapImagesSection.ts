import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeManifestLine } from 'millrace/formats';
import { encodeImages } from './imageCases.js';
import { CLASSES } from './imagesPipeline.js';
import { OVERLAP_SECTION, train } from './overlapSection.js';
import type { BenchContext, Result, Section } from './section.js';

const EPOCH_IMAGES = 256;

export const OVERLAP_IMAGES_SECTION: Section = {
  title: 'Training on images never waits',
  method: ({ pairs }) => `pairs: ${pairs}; each reading: a training, after one as a warm-up`,
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
async function trainImages(context: BenchContext): Promise<Result> {
  const folder = mkdtempSync(join(context.folder, 'images-'));
  try {
    await writeJob(folder);
    return await train('overlap-images', { job: join(folder, 'job.json'), script: './overlapImages.js' }, context);
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
