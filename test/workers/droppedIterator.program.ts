import process from 'node:process';
import { mapInWorkers } from '../../operators/mapInWorkers.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { inWorker } from '../../src/sources/inWorker.js';
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
