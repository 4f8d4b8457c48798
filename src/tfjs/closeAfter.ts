import { DISPOSE_BATCH, isTensorDataset } from './tensorDataset.js';

export async function closeAfter<R>(used: readonly unknown[], work: () => Promise<R>): Promise<R> {
  const datasets = used.filter(isTensorDataset);
  try {
    return await work();
  } catch (error) {
    // tfjs disposes of used batches, but not of a batch that caused an error.
    for (const dataset of datasets) dataset[DISPOSE_BATCH]();
    throw error;
  } finally {
    await Promise.all(datasets.map((dataset) => dataset.close()));
  }
}
