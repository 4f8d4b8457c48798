import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { from, lastValueFrom, of, type Observable } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { decodeLibsvm, type DecodeLibsvmOptions } from '../../operators/decodeLibsvm.js';
import { ndarray, type NDArray, type SparseArray } from '../../src/arrays/ndarray.js';
import { ConfigError } from '../../src/base/errors.js';
import type { LibsvmParserOptions } from '../../src/formats/libsvm/libsvmParser.js';
import { recordsFromFiles } from '../../src/pipeline/records/recordsFromFiles.js';
import { columnText } from '../formats/reference/columnText.js';
import { readLibsvm } from '../formats/reference/readLibsvm.js';
import { decimals } from '../formats/support/decimals.js';
import { fixtureJson } from '../formats/support/fixtures.js';
import { notifications } from '../support/notifications.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { runs } from '../support/runs.js';

interface Golden extends LibsvmParserOptions {
  readonly name: string;
  readonly text: string;
  readonly error?: string;
  /** The bytes of float64 numbers. */
  readonly label: string;
  readonly indices: readonly number[][];
  /** The bytes of numbers of the dtype. */
  readonly values: string;
  readonly qid?: readonly string[];
}

interface Found {
  readonly label: NDArray<'float32' | 'float64'>;
  readonly features: SparseArray<'float32' | 'float64'>;
  readonly qid?: NDArray<'int64'>;
}

const newFolder = temporaryFolders();
const linesOf = (text: string): Uint8Array[] => text.split('\n').map((line) => Buffer.from(line));
const decoded = (lines: readonly (string | Uint8Array)[], options: DecodeLibsvmOptions): unknown[] =>
  notifications(of(lines).pipe(decodeLibsvm(options)));
const messageOf = (line: string, options: Partial<DecodeLibsvmOptions> = {}): string =>
  (notifications(of(Buffer.from(line)).pipe(decodeLibsvm({ features: 4, ...options })))[0] as Error).message;
const pairsOf = ({ indices, values }: SparseArray): string[] => {
  const rank = indices.shape[1] ?? 0;
  return [...values.data].map(
    (value, at) => `${indices.data.slice(rank * at, rank * at + rank).join()}: ${String(value)}`,
  );
};

describe('decodeLibsvm', () => {
  const { cases } = fixtureJson('libsvm/cases.json') as { readonly cases: readonly Golden[] };

  it.each(cases)('reads what scikit-learn reads: $name, zeroBased $zeroBased', (golden) => {
    const { text, features, zeroBased, dtype, queryId, error, qid } = golden;
    const [item] = decoded(linesOf(text), { features, zeroBased, dtype, queryId });
    const rows = Buffer.from(golden.label ?? '', 'hex');
    const labels = Array.from({ length: rows.length / 8 }, (_, at) => rows.readDoubleLE(8 * at));
    const lacksQueryId = queryId && qid?.length !== labels.length;
    if (error !== undefined || lacksQueryId) {
      expect(item).toMatchObject({ code: 'ERR_FORMAT_MALFORMED', format: 'LIBSVM' });
    } else if (labels.length === 0) {
      expect(item).toBe('complete');
    } else {
      const found = item as Found;
      expect([...found.label.data]).toEqual(dtype === 'float32' ? [...Float32Array.from(labels)] : labels);
      expect([...found.features.indices.data].map(Number)).toEqual(golden.indices.flat());
      expect(found.features.values.dtype).toBe(dtype);
      const { buffer } = found.features.values.data;
      expect(Buffer.from(buffer).toString('hex')).toBe(golden.values);
      expect(found.features.denseShape).toEqual([labels.length, features]);
      expect(found.qid && Array.from(found.qid.data, String)).toEqual(qid);
    }
  });

  it('reads lines as the reference does, and numbers as Number() does', () => {
    const pairs = fc.uniqueArray(fc.tuple(fc.nat(9), decimals), { selector: ([index]) => index, maxLength: 9 });
    const line = fc.tuple(decimals, pairs, fc.constantFrom(' ', '\t', '  ')).map(([label, found, space]) => {
      const sorted = found.sort(([a], [b]) => a - b).map(([index, value]) => `${index}:${value}`);
      return [label, ...sorted].join(space);
    });
    const lines = fc.array(fc.oneof({ weight: 9, arbitrary: line }, fc.constantFrom('', '# 1:1')), { minLength: 1 });
    const dtypes = fc.constantFrom('float32' as const, 'float64' as const);
    fc.assert(
      fc.property(lines, dtypes, (texts, dtype) => {
        const options = { features: 10, zeroBased: true, dtype, queryId: false };
        const [item] = decoded(texts, options);
        const found = item === 'complete' ? undefined : Object.values(item as Record<string, NDArray>).map(columnText);
        expect(found).toEqual(readLibsvm(texts, options));
      }),
      { numRuns: runs(300) },
    );
  });

  it('reads a single line without a batch axis', () => {
    const record$: Observable<{ label: NDArray<'float64'>; features: SparseArray<'float64'>; qid: NDArray<'int64'> }> =
      of('2 qid:5 1:0.5 4:8').pipe(decodeLibsvm({ features: 4, dtype: 'float64', queryId: true }));
    expect(notifications(record$)).toEqual([
      {
        label: ndarray('float64', [], Float64Array.of(2)),
        features: {
          indices: ndarray('int64', [2, 1], BigInt64Array.of(0n, 3n)),
          values: ndarray('float64', [2], Float64Array.of(0.5, 8)),
          denseShape: [4],
        },
        qid: ndarray('int64', [], BigInt64Array.of(5n)),
      },
      'complete',
    ]);
  });

  it('with auto, looks for index 0 in the first item with features, anew for each subscription', () => {
    const decode = decodeLibsvm({ features: 4, zeroBased: 'auto' });
    const zero = [['# 0:1', '5'], ['1 1:1', '2 0:1'], ['3 3:1']];
    const one = [['1 1:1'], ['2 4:1']];
    const pairs = (items: readonly string[][]): string[] =>
      notifications(from(items).pipe(decode)).flatMap((item) =>
        item === 'complete' ? [] : pairsOf((item as Found).features),
      );
    expect(pairs(zero)).toEqual(['0,1: 1', '1,0: 1', '0,3: 1']);
    expect(pairs(one)).toEqual(['0,0: 1', '0,3: 1']);
    expect(pairs(zero)).toEqual(['0,1: 1', '1,0: 1', '0,3: 1']);
  });

  it('with auto, fails if index 0 is only in a later item, even if bad records are skipped', () => {
    const decode = decodeLibsvm({ features: 4, zeroBased: 'auto', onBadRecord: () => 'skip' });
    const [, error] = notifications(from([['1 1:1'], ['2 0:1']]).pipe(decode));
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toBe(
      'decodeLibsvm: zeroBased: found index 0, but the first item with features has no index 0, so indices from 1 were assumed: set zeroBased: true',
    );
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ['has index 0', ['1 0:1 x', '2 1:1'], ['0,0: 1']],
    ['has index 0 and an index that is too large', ['1 0:1 4:1', '2 4:1'], ['0,3: 1']],
    ['is alone in the first item', ['1 0:1 x'], []],
    ['has no index 0, beside index 0', ['1 1:1 x', '2 0:1'], ['0,0: 1']],
  ])('with auto, ignores a bad record that %s', (_name, lines, expected) => {
    const options = { features: 4, zeroBased: 'auto', onBadRecord: () => 'skip' } satisfies DecodeLibsvmOptions;
    const first = decoded(lines, options)[0];
    expect(first === 'complete' ? [] : pairsOf((first as Found).features)).toEqual(expected);
    const single = notifications(from(lines).pipe(decodeLibsvm(options)));
    expect(single).toHaveLength(expected.length + 1);
  });

  it('makes Infinity of a number that float32 cannot represent', () => {
    const values = (dtype: 'float32' | 'float64') =>
      (decoded(['1 1:1e39'], { features: 1, dtype })[0] as Found).features.values.data[0];
    expect([values('float32'), values('float64')]).toEqual([Infinity, 1e39]);
  });

  it('with auto, gives a bad record the same meaning as the rest of its batch', () => {
    const options = { features: 4, zeroBased: 'auto', onBadRecord: () => 'skip' } satisfies DecodeLibsvmOptions;
    const [item] = decoded(['1 1:1', '2 x', '3 0:1'], options);
    expect(pairsOf((item as Found).features)).toEqual(['0,1: 1', '1,0: 1']);
  });

  it('names the file and the line of a bad record, and skips it if asked', async () => {
    const path = join(newFolder(), 'a.libsvm');
    writeFileSync(path, '1 1:1\n# comment\n2 1:1 oops\n3 2:1\n');
    const lines$ = recordsFromFiles(path, { recordFormat: 'TextLine' }).pipe(batch(4));
    await expect(lastValueFrom(lines$.pipe(decodeLibsvm({ features: 2 })))).rejects.toThrow(
      `LIBSVM: ${path}, line 3: expected <index>:<value>, found "oops"`,
    );
    const skipped$ = lines$.pipe(decodeLibsvm({ features: 2, onBadRecord: () => 'skip' }));
    expect([...(await lastValueFrom(skipped$)).label.data]).toEqual([1, 3]);
  });

  it.each<[string, Partial<DecodeLibsvmOptions>, string]>([
    ['a 1:1', {}, 'expected a number as the label, found "a"'],
    ['1,2 1:1', {}, 'found "1,2": lines with several labels are not supported'],
    ['1 1:a', {}, 'expected a number as the value of a feature, found "1:a"'],
    ['1 3:1 2:1', {}, 'expected an index above 3, found 2: sort the indices of each line'],
    ['1 0:1', {}, 'expected indices from 1, found 0: if indices start at 0, set zeroBased: true'],
    ['1 5:1', {}, 'expected indices up to 4 (features: 4), found 5'],
    ['1 4:1', { zeroBased: true }, 'expected indices up to 3 (features: 4), found 4'],
    ['1 1:1', { queryId: true }, 'expected qid:<id> after the label, found none'],
    ['1 qid:9223372036854775808', { queryId: true }, 'qid: expected an int64, found "9223372036854775808"'],
    ['1 qid:abc 1:1', {}, 'qid: expected an int64, found "abc"'],
    ['1 99999999999999999999999:1', {}, 'expected indices up to 4 (features: 4), found 99999999999999999999999'],
    ['1 1:1\r2 1:1\r', {}, 'found "2"; the lines end with CR, without LF: save the file with LF or CRLF line ends'],
    ['\u001f\u008b\u0008', {}, 'expected a number as the label'],
  ])('explains the line %j', (line, options, message) => {
    expect(messageOf(line, options)).toContain(message);
  });

  it.each<[unknown, string]>([
    [undefined, 'decodeLibsvm: expected options such as { features: 123 }, found nothing'],
    [{}, 'decodeLibsvm: features: '],
    [{ features: 0 }, 'decodeLibsvm: features: '],
    [{ features: 2 ** 31 }, 'decodeLibsvm: features: '],
    [{ features: 1, zeroBased: 'yes' }, 'decodeLibsvm: zeroBased: '],
    [{ features: 1, zeroBased: 'auto', maxBadRecords: 1 }, 'decodeLibsvm: maxBadRecords has no effect'],
  ])('refuses the options %p at the call', (options, message) => {
    expect(() => decodeLibsvm(options as DecodeLibsvmOptions)).toThrow(message);
  });
});
