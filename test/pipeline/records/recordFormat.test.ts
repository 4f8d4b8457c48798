import { describe, expect, it } from '@jest/globals';
import { EMPTY } from 'rxjs';
import { decodeTFRecord } from '../../../operators/decodeTFRecord.js';
import { batch } from '../../../operators/batch.js';
import { pipeModeDataset } from '../../../src/pipeline/records/pipeModeDataset.js';
import { records } from '../../../src/pipeline/records/records.js';
import { recordsFromFiles } from '../../../src/pipeline/records/recordsFromFiles.js';

const options = (value: object) => ({ recordFormat: 'TFRecord', ...value }) as { readonly recordFormat: 'TFRecord' };

describe('recordFormat', () => {
  it.each([
    [{ encoding: 'utf8' }, `recordFormat: decodeTextLine({ encoding: 'utf8' })`],
    [{ multipart: 'dmlc' }, `recordFormat: decodeRecordIO({ multipart: 'dmlc' })`],
    [{ onBadRecord: 'skip' }, `recordFormat: decodeTFRecord({ onBadRecord: 'skip' })`],
    [{ recordFormat: 'TextLine', maxRecordBytes: 9n }, `recordFormat: decodeTextLine({ maxRecordBytes: 9n })`],
  ])('says of %p to give it to the decoder', (value, remedy) => {
    expect(() => recordsFromFiles('a', options(value))).toThrow(remedy);
    expect(() => records('train', options(value))).toThrow(remedy);
    expect(() => pipeModeDataset(options(value))).toThrow(remedy);
  });

  it('knows a decoder that was not called', () => {
    const recordFormat = decodeTFRecord as unknown as ReturnType<typeof decodeTFRecord>;
    expect(() => recordsFromFiles('a', { recordFormat })).toThrow('call the function, as in decodeTFRecord()');
    const uncalled = decodeTFRecord as unknown as ReturnType<typeof decodeTFRecord>;
    expect(() => EMPTY.pipe(uncalled)).toThrow('write pipe(decodeTFRecord()), not pipe(decodeTFRecord)');
    expect(() => EMPTY.pipe(batch as unknown as ReturnType<typeof batch>)).toThrow('not pipe(batch)');
  });

  it('knows a name in other case', () => {
    expect(() => recordsFromFiles('a', options({ recordFormat: 'tfrecord' }))).toThrow(
      'recordFormat: expected one of RecordIO, TFRecord, TextLine, WholeFile, or a decoder, found "tfrecord": did you mean "TFRecord"?',
    );
  });

  it.each([
    ['records', () => records('train', options({ recordFormat: 'Table' }))],
    ['recordsFromFiles', () => recordsFromFiles('a', options({ recordFormat: 'Table' }))],
  ])('points from the name Table to decodeTable in %s', (name, read) => {
    expect(read).toThrow(
      `${name}: recordFormat: expected one of RecordIO, TFRecord, TextLine, WholeFile, or a decoder, found "Table": write ` +
        'recordFormat: decodeTable({ batchSize: 64 })',
    );
  });
});
