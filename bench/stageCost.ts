/** Measures the cost of an operator and of a gate: alternately runs pipelines that differ in one part, from memory. */
import process from 'node:process';
import { Observable, type OperatorFunction } from 'rxjs';
import { decodeRecords } from '../operators/decodeRecords.js';
import { operate } from '../src/demand/operate.js';
import { encodeRecordIO } from '../src/formats/recordio/encodeRecordIO.js';
import { RecordIOReader } from '../src/formats/recordio/recordIOReader.js';
import { fromIterable } from '../src/sources/fromIterable.js';
import { pseudoRandomBytes } from './pseudoRandomBytes.js';
import { median } from './statistics.js';

export type StageCostTask = 'operators' | 'gate';

/** Nanoseconds per record and operator. */
export interface OperatorCost {
  readonly firstFive: number;
  readonly nextFive: number;
}

/** Nanoseconds per record. */
export interface GateCost {
  readonly gate: number;
}

const CHUNK_BYTES = 65_536;
const CHUNKS = 1000;
const ROUNDS = 41;
const WARM_UP_ROUNDS = 5;

type Decoder = OperatorFunction<Uint8Array, Uint8Array>;

/** Checks the next gate in the pipeline before each record. */
const gated: Decoder = decodeRecords(() => new RecordIOReader());

const ungated: Decoder = (source) =>
  new Observable((destination) => {
    const reader = new RecordIOReader();
    return source.subscribe({
      next: (chunk) => {
        reader.push(chunk);
        for (let record = reader.read(); record; record = reader.read()) destination.next(record);
      },
      error: (error: unknown) => destination.error(error),
      complete: () => destination.complete(),
    });
  });

/** Forwards each record, like an operator of this package. */
const passThrough: Decoder = (source) =>
  operate<Uint8Array, Uint8Array>(source, (destination) => ({ next: (record) => destination.next(record) }));

const record = encodeRecordIO(pseudoRandomBytes(64, 1));
const recordsPerChunk = Math.floor(CHUNK_BYTES / record.byteLength);
const chunk = Buffer.concat(Array<Uint8Array>(recordsPerChunk).fill(record));

/** Returns the CPU time of this process in nanoseconds per record. */
async function time(decode: Decoder, operators: number): Promise<number> {
  let records$ = decode(chunks());
  for (let i = 0; i < operators; i++) records$ = passThrough(records$);
  const before = process.cpuUsage();
  const records = await new Promise<number>((resolve, reject) => {
    let count = 0;
    records$.subscribe({ next: () => count++, error: reject, complete: () => resolve(count) });
  });
  const { user, system } = process.cpuUsage(before);
  if (records !== CHUNKS * recordsPerChunk)
    throw new Error(`expected ${CHUNKS * recordsPerChunk} records, found ${records}`);
  return ((user + system) * 1000) / records;
}

function chunks(): Observable<Uint8Array> {
  return fromIterable(
    (function* () {
      for (let i = 0; i < CHUNKS; i++) yield chunk;
    })(),
  );
}

/** Runs the pipelines alternately. Returns the median difference between each pipeline and the previous pipeline. */
async function differences(pipelines: readonly (() => Promise<number>)[]): Promise<number[]> {
  const rounds: number[][] = [];
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    const times: number[] = [];
    for (const run of pipelines) times.push(await run());
    if (round >= 0) rounds.push(times);
  }
  return pipelines.slice(1).map((_, i) => median(rounds.map((times) => (times[i + 1] ?? NaN) - (times[i] ?? NaN))));
}

async function operatorCost(): Promise<OperatorCost> {
  const [five = NaN, fiveMore = NaN] = await differences([0, 5, 10].map((count) => () => time(gated, count)));
  return { firstFive: five / 5, nextFive: fiveMore / 5 };
}

async function gateCost(): Promise<GateCost> {
  const [gate = NaN] = await differences([ungated, gated].map((decode) => () => time(decode, 0)));
  return { gate };
}

const task = process.argv[2] as StageCostTask;
console.log(JSON.stringify(task === 'gate' ? await gateCost() : await operatorCost()));
