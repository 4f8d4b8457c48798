import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, toArray, type Observable } from 'rxjs';
import { z } from 'zod';
import { decodeFormat } from '../../../operators/decodeRecords.js';
import { parseOptions, positiveInteger } from '../../../src/base/parseOptions.js';
import { ByteBuilder } from '../../../src/formats/framing/byteBuilder.js';
import { defineFormat } from '../../../src/formats/framing/formatDefinition.js';
import type { RecordReader } from '../../../src/formats/framing/recordReader.js';
import { channelSchemaOf } from '../../../src/pipeline/declared/declaredChannel.js';
import { pipeModeDataset } from '../../../src/pipeline/records/pipeModeDataset.js';
import { decoderByName } from '../../../src/pipeline/records/recordFormat.js';
import { records } from '../../../src/pipeline/records/records.js';
import { recordsFromFiles } from '../../../src/pipeline/records/recordsFromFiles.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';

/** Splits a file into records of equal length, after a header. */
function createReader(recordBytes: number, headerBytes: number): RecordReader {
  const held = new ByteBuilder(2 ** 20);
  let skipped = 0;
  let rest = new Uint8Array(0);
  return {
    push: (chunk) => {
      held.append(rest);
      held.append(chunk);
      rest = new Uint8Array(held.take());
    },
    read: () => {
      if (rest.length < headerBytes - skipped) return undefined;
      rest = rest.slice(headerBytes - skipped);
      skipped = headerBytes;
      if (rest.length < recordBytes) return undefined;
      const record = rest.slice(0, recordBytes);
      rest = rest.slice(recordBytes);
      return record;
    },
    end: () => undefined,
  };
}

/** A format with a required option. Its readers must start at the first byte of a file. */
const fixedLength = defineFormat({
  name: 'FixedLength',
  reference: 'https://www.tensorflow.org/api_docs/python/tf/data/FixedLengthRecordDataset',
  options: () => z.strictObject({ recordBytes: positiveInteger(), headerBytes: z.int().nonnegative().default(0) }),
  readers:
    ({ recordBytes, headerBytes }) =>
    () =>
      createReader(recordBytes, headerBytes),
  encode: (record) => record,
  needsFileStart: ({ headerBytes }) => (headerBytes > 0 ? `its first ${headerBytes} bytes are a header` : undefined),
});

const newFolder = temporaryFolders();
const texts = async (source: Observable<unknown>): Promise<string[]> => {
  const all = await lastValueFrom(source.pipe(toArray()));
  return all.map((record) => Buffer.from(record as Uint8Array).toString());
};

/** Makes the tree of a job with one channel, and returns its path. */
function jobIn(mode: string): string {
  const baseDir = newFolder();
  for (const folder of ['input/config', 'input/data/train']) mkdirSync(join(baseDir, folder), { recursive: true });
  const config = JSON.stringify({ train: { TrainingInputMode: mode } });
  writeFileSync(join(baseDir, 'input/config/inputdataconfig.json'), config);
  for (const name of ['a', 'b']) writeFileSync(join(baseDir, 'input/data/train', name), `HD${name}1${name}2`);
  return baseDir;
}

describe('a format that is defined in one place', () => {
  const decoder = (options: object) => decodeFormat(fixedLength, parseOptions('test', fixedLength.options(), options));

  it('begins anew at each file', async () => {
    const baseDir = jobIn('File');
    const recordFormat = decoder({ recordBytes: 2, headerBytes: 2 });
    expect(await texts(records('train', { recordFormat, baseDir }))).toEqual(['a1', 'a2', 'b1', 'b2']);
    const files$ = recordsFromFiles(join(baseDir, 'input/data/train'), { recordFormat });
    expect(await texts(files$)).toEqual(['a1', 'a2', 'b1', 'b2']);
  });

  it('is refused in Pipe mode if it needs the start of each file', async () => {
    const baseDir = jobIn('Pipe');
    const recordFormat = decoder({ recordBytes: 2, headerBytes: 2 });
    const refused = expect.objectContaining({
      code: 'ERR_CHANNEL_MODE',
      message: expect.stringMatching(
        /Channel train is in Pipe mode.* each file: its first 2 bytes are a header\. Set TrainingInputMode to File/,
      ),
    });
    await expect(texts(records('train', { recordFormat, baseDir }))).rejects.toEqual(refused);
    expect(() => pipeModeDataset({ channel: 'train', recordFormat, baseDir })).toThrow(refused);
    expect(() =>
      pipeModeDataset({ channel: 'train', recordFormat: decoder({ recordBytes: 2 }), baseDir }),
    ).not.toThrow();
  });

  it('is refused by its name alone if an option is required', () => {
    expect(() => decoderByName('records', fixedLength)).toThrow(
      expect.objectContaining({
        path: 'recordFormat',
        message: expect.stringContaining(
          'FixedLength has no default for recordBytes: write recordFormat: decodeFixedLength({ recordBytes: … })',
        ),
      }),
    );
  });

  it('has options of its own in a declared channel', () => {
    const schema = channelSchemaOf(z.array(z.string()).default([]), [fixedLength]);
    const check = (value: object) => parseOptions('channel', schema, { recordFormat: 'FixedLength', ...value });
    expect(check({ recordBytes: 4, shuffleSeed: 7 })).toMatchObject({ recordBytes: 4, headerBytes: 0, stages: [] });
    expect(() => check({})).toThrow('channel: recordBytes: expected a positive integer, found nothing');
    expect(() => check({ recordBytes: 4, encoding: 'utf8' })).toThrow('unknown key "encoding"');
  });
});
