import { describe, expect, it } from '@jest/globals';
import { fromFifo } from '../../src/sources/fromFifo.js';
import { fromFile } from '../../src/sources/fromFile.js';
import { problemOfPath } from '../../src/base/localPath.js';

describe('problemOfPath', () => {
  it.each([
    ['s3://bucket/train/', /found "s3:\/\/bucket\/train\/": recordsFromFiles\(\) reads records from URLs/],
    ['S3://bucket/train/', /and storeBytes\(\) reads the bytes of an object/],
    ['file:///data/a.csv', /fileURLToPath/],
    ['https://example.com/a.csv', /recordsFromFiles\(\) reads records from URLs/],
    ['gs://bucket/a', /copy the file to this machine first/],
    ['~/data/*.csv', /found "~\/data\/\*\.csv": the shell did not expand the ~, so write "\/.*\/data\/\*\.csv"$/],
  ])('says of %s what to do', (path, remedy) => {
    expect(problemOfPath(path)).toMatch(remedy);
  });

  it.each(['data/a.csv', '/data/*.tfrecord', './s3:/x', 'C:\\data', 'a:b', './~/a', '~a'])('accepts %s', (path) => {
    expect(problemOfPath(path)).toBeUndefined();
  });

  it('is checked in functions that take only paths', () => {
    const s3 = /expected a path on this machine, found "s3:\/\/b\/k"/;
    expect(() => fromFile('s3://b/k')).toThrow(s3);
    expect(() => fromFifo('s3://b/k')).toThrow(s3);
  });
});
