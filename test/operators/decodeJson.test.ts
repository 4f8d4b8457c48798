import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, of, toArray, type Observable } from 'rxjs';
import { z } from 'zod';
import { batch } from '../../operators/batch.js';
import { decodeJson, type DecodeJsonOptions, type JsonLine } from '../../operators/decodeJson.js';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { shuffle } from '../../operators/shuffle.js';
import { ndarray, type NDArray } from '../../src/arrays/ndarray.js';
import { fixedLenFeature } from '../../src/formats/example/features.js';
import { recordsFromFiles } from '../../src/pipeline/records/recordsFromFiles.js';
import { notifications } from '../support/notifications.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const decoded = (lines: readonly JsonLine[], options?: DecodeJsonOptions): unknown[] =>
  notifications(of(...lines).pipe(decodeJson(options)));
const messageOf = (line: JsonLine, options?: DecodeJsonOptions): string =>
  (decoded([line], options)[0] as Error).message;

const newFolder = temporaryFolders();
const label = { label: fixedLenFeature([], 'int64') } as const;

describe('decodeJson', () => {
  it('emits the value of each line, as bytes or as text', () => {
    expect(decoded([bytes('{"a":[1,null]}'), '"\u00e9"', ' 5 ', 'null'])).toEqual([
      { a: [1, null] },
      '\u00e9',
      5,
      null,
      'complete',
    ]);
  });

  it('skips blank lines', () => {
    expect(decoded(['1', '', bytes(' \t\r'), '2'])).toEqual([1, 2, 'complete']);
    expect(decoded([''], { onBadRecord: 'skip', maxBadRecords: 0 })).toEqual(['complete']);
  });

  it('skips a byte order mark, and the carriage return of CRLF', async () => {
    const file = bytes('\ufeff{"a":1}\r\n\r\n{"a":2}\r\n');
    const values$ = of(file).pipe(decodeTextLine(), decodeJson(), toArray());
    expect(await lastValueFrom(values$)).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('emits the output of a schema', async () => {
    const schema = z.object({ day: z.string().transform((text) => new Date(text)), count: z.int().default(1) });
    const values$: Observable<{ day: Date; count: number }> = of('{"day":"2024-02-29","more":1}').pipe(
      decodeJson({ schema }),
    );
    expect(await lastValueFrom(values$)).toEqual({ day: new Date('2024-02-29'), count: 1 });
  });

  it('names the paths of the values that do not fit the schema', () => {
    const schema = z.object({ user: z.object({ ages: z.array(z.number()) }), id: z.string() });
    expect(messageOf(bytes('{"user":{"ages":[1,"x"]}}'), { schema })).toBe(
      'JSON: user.ages[1]: expected number, found "x"; id: expected string, found nothing (record 0, byte offset 0)',
    );
  });

  it('skips bad records', () => {
    const options: DecodeJsonOptions = { schema: z.number(), onBadRecord: () => 'skip' };
    expect(decoded(['1', '{', '"a"', '2'], options)).toEqual([1, 2, 'complete']);
  });

  it.each([
    [
      '[',
      'the line ends inside a value: each line must contain one whole JSON value. To convert a file that is one JSON',
    ],
    ['  "a": 1,', 'column 6: expected the end, found ": 1,": each line must contain one whole JSON value'],
    ['{"a":1},', 'column 8: expected the end, found ",": each line must contain one whole JSON value'],
    [']', 'column 1: expected a value, found "]": each line must contain one whole JSON value'],
    ['{"a" 1}', `column 6: expected ':' after property name`],
    ["{'a': 1}", `write text in double quotes; the line is "{'a': 1}" (record 0, byte offset 1)`],
    ['{"\u00e9": NaN}', 'found "NaN}": JSON has no NaN and no infinities: write null, or declare'],
    ['{"a": -Infinity}', 'JSON has no NaN and no infinities'],
    ['\ufeff{"\u00e9" 1}', '(record 0, byte offset 9)'],
  ])('explains the bad line %j', (line, message) => {
    expect(messageOf(bytes(line))).toContain(message);
  });

  it.each([
    ['invalid UTF-8', Buffer.from('7b22ff227d', 'hex'), 'byte 2 of the line is not valid UTF-8'],
    ['an incomplete character', Buffer.from('22c3a9ef', 'hex'), 'byte 4 of the line is not valid UTF-8'],
    ['UTF-16', Buffer.from('\ufeff{"a":1}', 'utf16le'), 'the file is UTF-16: convert it to UTF-8'],
    ['compressed bytes', gzipSync('{"a":1}'), 'looks like gzip'],
  ])('explains %s', (_, line, message) => {
    expect(messageOf(line)).toContain(message);
  });

  it('accepts the replacement character U+FFFD', () => {
    expect(decoded([bytes('"\ufffd"')])).toEqual(['\ufffd', 'complete']);
  });

  it('names the file and the line, also behind shuffle and batch', async () => {
    const path = join(newFolder(), 'a.jsonl');
    writeFileSync(path, `\ufeff{"label":1}\n\n${'{"label":2}\n'.repeat(500)}{"label":"x"}\n`);
    const lines$ = recordsFromFiles(path, { recordFormat: 'TextLine' });
    const failing$ = lines$.pipe(shuffle(100, { seed: 1 }), batch(8), decodeJson({ features: label }));
    await expect(lastValueFrom(failing$)).rejects.toThrow(
      `JSON: ${path}, line 503: feature "label": expected int64, found "x": for text, declare the dtype bytes`,
    );
  });

  it('emits arrays with a batch axis for batches, and without for single lines', async () => {
    const lines$ = of('{"label":1}', '{"label":2}');
    const batches$: Observable<{ label: NDArray<'int64'> }> = lines$.pipe(batch(2), decodeJson({ features: label }));
    expect(await lastValueFrom(batches$)).toEqual({ label: ndarray('int64', [2], BigInt64Array.of(1n, 2n)) });
    const single$: Observable<{ label: NDArray<'int64'> }> = lines$.pipe(decodeJson({ features: label }));
    expect(await lastValueFrom(single$)).toEqual({ label: ndarray('int64', [], BigInt64Array.of(2n)) });
  });

  it('leaves blank lines and bad records out of a batch, and drops a batch without records', () => {
    const batches$ = of(['', '{"label":1}', '{}', '{"label":2}'], ['', ' '], ['{}', '']);
    expect(notifications(batches$.pipe(decodeJson({ features: label, onBadRecord: () => 'skip' })))).toEqual([
      { label: ndarray('int64', [2], BigInt64Array.of(1n, 2n)) },
      'complete',
    ]);
  });

  it('counts blank lines as records in errors', () => {
    const batches$ = of(['{"label":1}', ''], ['', '{}']);
    expect(notifications(batches$.pipe(decodeJson({ features: label })))[1]).toMatchObject({ recordIndex: 3 });
  });

  it('refuses batches without features', () => {
    expect(notifications(of('1').pipe(batch(1), decodeJson() as never))[0]).toMatchObject({
      message: 'decodeJson: expected single records, found a batch: remove batch() before decodeJson.',
    });
  });

  it('survives deep nesting', () => {
    const deep = '['.repeat(1_000_000);
    const tree: z.ZodType = z.lazy(() => z.array(tree));
    expect(messageOf(deep)).toContain('the line ends inside a value');
    const whole = deep + ']'.repeat(1_000_000);
    expect(messageOf(whole, { schema: tree })).toContain('the value is nested too deeply for the schema');
    expect(messageOf(`{"label":${whole}}`, { features: label })).toContain('found an array of length 1');
    expect(decoded([`{"label":1,"other":${whole}}`], { features: label })).toHaveLength(2);
  });

  it('keeps the prototype of objects with the key __proto__', () => {
    const line = '{"__proto__":{"polluted":1},"constructor":2}';
    expect(JSON.stringify(decoded([line])[0])).toBe(line);
    const [value] = decoded([line], { schema: z.looseObject({}) }) as [object];
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(messageOf('{}', { features: { toString: fixedLenFeature([], 'int64') } })).toContain('lacks this key');
    expect('polluted' in {}).toBe(false);
  });

  it.each<[unknown, string]>([
    [5, 'decodeJson: expected options such as { features: { label: … } }, found 5'],
    [{ feature: {} }, 'decodeJson: unknown key "feature": did you mean "features"?'],
    [{ schema: 5 }, 'decodeJson: schema: expected a zod schema, found 5'],
    [{ schema: z.any(), features: label }, 'decodeJson: expected schema or features, found both'],
    [{ features: {} }, 'decodeJson: expected at least one feature, found none'],
    [{ features: { a: { kind: 'raw', shape: [], dtype: 'uint8' } } }, 'features: a.kind: expected fixedLen, varLen or'],
    [{ features: { a: fixedLenFeature([2], 'int64', { default: 'x' }) } }, 'a.default: expected a 64-bit integer'],
    [{ maxBadRecords: 1 }, 'maxBadRecords has no effect'],
  ])('refuses the options %j at the call', (options, message) => {
    expect(() => decodeJson(options as DecodeJsonOptions)).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG', message: expect.stringContaining(message) }),
    );
  });
});
