import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { recordsFromFiles, toAsyncIterable } from 'millrace';
import type { TrainingJobRequest } from 'millrace/agent';
import { encodeTFRecord } from 'millrace/formats';
import { channelOf, sharded, temporaryFolders } from '../agent/temporaryJob.js';
import { startMillrace } from '../cli/millrace.js';

const DIGITS = fileURLToPath(new URL('../../examples/digits/data/train', import.meta.url));
const FILES = 8;
const RECORDS = 1437;
const EPOCHS = 3;

/** Each host writes the records of each epoch as base64 to a file that the job uploads. */
const SCRIPT = `
import { writeFileSync } from 'node:fs';
import { records, trainingJob } from 'millrace';
import { lastValueFrom, map, toArray } from 'rxjs';

const job = trainingJob();
const epoch$ = records('train', { recordFormat: 'TFRecord', signal: job.signal }).pipe(
  map((record) => Buffer.from(record).toString('base64')),
  toArray(),
);
const epochs = [];
while (epochs.length < ${EPOCHS}) epochs.push(await lastValueFrom(epoch$));
writeFileSync(job.outputDataDir + '/seen.json', JSON.stringify({ host: job.currentHost, rank: job.rank, epochs }));
job.close();
`;

interface Seen {
  readonly host: string;
  readonly rank: number;
  readonly epochs: readonly (readonly string[])[];
}

const newFolder = temporaryFolders();

/** Returns the digits' training records, each followed by its index, because two scans may be equal. */
async function trainingRecords(): Promise<Uint8Array[]> {
  const records: Uint8Array[] = [];
  for await (const record of toAsyncIterable(recordsFromFiles(DIGITS, { recordFormat: 'TFRecord' }))) {
    records.push(Buffer.concat([record, Uint8Array.of(records.length >>> 8, records.length & 0xff)]));
  }
  return records;
}

/** Returns the records that two hosts receive from eight files that are sharded by key. */
async function seenByTwoHosts(records: readonly Uint8Array[], job: Partial<TrainingJobRequest>): Promise<Seen[]> {
  const files = Array.from({ length: FILES }, (_, file): [string, Uint8Array] => {
    const own = records.filter((_, index) => index % FILES === file);
    return [`data/part-${file}.tfrecord`, Buffer.concat(own.map((record) => encodeTFRecord(record)))];
  });
  const folder = newFolder(Object.fromEntries(files));
  const train = { ...sharded(channelOf('train', 'data')), ShuffleConfig: { Seed: 7 } };
  const path = join(folder, 'job.json');
  writeFileSync(path, JSON.stringify({ InputDataConfig: [train], ...job }));
  const command = [process.execPath, '--input-type=module', '--eval', SCRIPT];
  const { ended } = startMillrace(['local', path, '--hosts', '2', '--output', folder, '--', ...command]);
  expect(await ended).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  return ['algo-1', 'algo-2'].map((host) => {
    return JSON.parse(readFileSync(join(folder, host, 'output/data/seen.json'), 'utf8')) as Seen;
  });
}

describe('two hosts with sharded keys', () => {
  it.each(['Pipe', 'File'] as const)('see every record once in each epoch, in %s mode', async (TrainingInputMode) => {
    const records = await trainingRecords();
    expect(records).toHaveLength(RECORDS);
    const everyRecord = records.map((record) => Buffer.from(record).toString('base64')).sort();

    const hosts = await seenByTwoHosts(records, { AlgorithmSpecification: { TrainingInputMode } });
    expect(hosts.map(({ host, rank }) => [host, rank])).toEqual([
      ['algo-1', 0],
      ['algo-2', 1],
    ]);
    for (let epoch = 0; epoch < EPOCHS; epoch++) {
      const shards = hosts.map(({ epochs }) => epochs[epoch] ?? []);
      expect(shards.flat().sort()).toEqual(everyRecord);
      // Four files with 179 or 180 records each.
      for (const { length } of shards) expect(Math.abs(length - RECORDS / 2)).toBeLessThan(FILES);
    }

    // In Pipe mode, files are sharded again before each epoch. In File mode, only once.
    const shardsOfOne = hosts[0]!.epochs.map((records) => [...records].sort().join());
    expect(new Set(shardsOfOne).size).toBe(TrainingInputMode === 'Pipe' ? EPOCHS : 1);
  });
});
