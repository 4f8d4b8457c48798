import type { BenchContext } from './section.js';
import { startModule } from './startReader.js';
import type { StoreReading, StoreTask } from './storeReader.js';

export async function readObjects(task: StoreTask, { cpus }: BenchContext): Promise<StoreReading> {
  const { stdout } = await startModule('storeReader.js', [JSON.stringify(task)], cpus.reader).output;
  const reading = JSON.parse(stdout) as StoreReading;
  const expected = task.objects * task.byteLength;
  if (reading.bytes !== expected) throw new Error(`${task.way}: expected ${expected} bytes, found ${reading.bytes}.`);
  return reading;
}
