import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { lastValueFrom } from 'rxjs';
import { decodeCsv } from '../../operators/decodeCsv.js';
import { decodeJson } from '../../operators/decodeJson.js';
import { decodeLibsvm } from '../../operators/decodeLibsvm.js';
import type { RecordDecoder } from '../../src/pipeline/records/recordFormat.js';
import { recordsFromFiles } from '../../src/pipeline/records/recordsFromFiles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();

function errorOf(text: string, recordFormat: unknown): Promise<Error> {
  const path = join(newFolder(), 'lines');
  writeFileSync(path, text);
  const records$ = recordsFromFiles(path, { recordFormat: recordFormat as RecordDecoder });
  return lastValueFrom(records$).catch((error: unknown) => error) as Promise<Error>;
}

const HINT =
  "the record has several lines: decode lines first, with recordFormat: 'TextLine', or with decodeTextLine()";

describe('a parser of lines as recordFormat', () => {
  it.each([
    ['decodeLibsvm', '1 1:0.5\n0 2:1\n', decodeLibsvm({ features: 3 })],
    ['decodeJson', '{"a":1}\n{"a":2}\n', decodeJson()],
    ['decodeCsv', '1,2\n3,4\n', decodeCsv(['int32', 'int32'])],
  ])('says that lines must be decoded first: %s', async (_name, text, parser) => {
    expect((await errorOf(text, parser)).message).toContain(HINT);
  });

  it('says nothing about lines for a record of one line', async () => {
    expect((await errorOf('1 a:0.5\n', decodeLibsvm({ features: 3 }))).message).not.toContain('several lines');
  });
});
