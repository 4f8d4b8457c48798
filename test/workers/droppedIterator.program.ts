import process from 'node:process';
import { fromIterable, inWorker, toAsyncIterable } from 'millrace';
import { mapInWorkers } from 'millrace/operators';
import { forever } from './pipelines.js';

/** Takes one item of a source and prints its type. The first argument names the source. */
const SOURCES = {
  inWorker: () => inWorker<number>(new URL('./pipelines.ts', import.meta.url), { exportName: 'forever' }),
  mapInWorkers: () =>
    forever.pipe(mapInWorkers<number, number>(new URL('./functions.ts', import.meta.url), { exportName: 'thread' })),
  fromIterable: () => fromIterable([1, 2]),
};

const name = process.argv[2] as keyof typeof SOURCES;
const iterator = toAsyncIterable(SOURCES[name]())[Symbol.asyncIterator]();
console.log(typeof (await iterator.next()).value);
