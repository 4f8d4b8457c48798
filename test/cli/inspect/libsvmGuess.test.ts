import { describe, expect, it } from '@jest/globals';
import { lastValueFrom } from 'rxjs';
import { decodeLibsvm, type DecodeLibsvmOptions } from '../../../operators/decodeLibsvm.js';
import { LineContent } from '../../../src/cli/inspect/lineContent.js';
import { fromIterable } from '../../../src/sources/fromIterable.js';
import { inspected, linesOf } from './inspected.js';

const found = (text: string) => inspected(new LineContent(), linesOf(text));

describe('lines of LIBSVM', () => {
  it.each([
    ['indices from 1', '1 1:0.5 3:2\n-1 2:1e-3 # a comment\n0', { features: 3 }],
    ['indices from 0', '1 0:0.5 3:2\n-1 2:.5\n', { features: 4, zeroBased: true }],
    ['query ids', '# ranking\n2 qid:1 1:0.5\n1 qid:1 2:3', { features: 2, queryId: true }],
    ['tabs', '1\t1:0.5\t2:2\n0\t1:3\t2:4', { features: 2 }],
  ])('are recognised with %s, and decodeLibsvm reads them with the proposed options', async (_name, text, features) => {
    expect(found(text)).toMatchObject({ name: 'LIBSVM', decoder: 'decodeLibsvm', features });
    const lines = linesOf(text);
    const parsed = await lastValueFrom(fromIterable([lines]).pipe(decodeLibsvm(features as DecodeLibsvmOptions)));
    expect(parsed.features.denseShape[1]).toBe(features.features);
  });

  it('names the first line that is not LIBSVM', () => {
    const lines = Array.from({ length: 99 }, (_, at) => `${at % 2} 1:${at} 2:3`);
    expect(found([...lines, 'label 1:2'].join('\n')).remarks).toContain(
      "99 of 100 lines are LIBSVM; line 100 is not, so decodeLibsvm fails; { onBadRecord: 'skip' } skips bad lines",
    );
  });

  it.each([
    ['numbers', '1\n2\n3', 'text'],
    ['numbers with tabs', '1\t2\n3\t4', 'CSV'],
    ['times', '12:30 noon\n13:30 later', 'text'],
    ['indices that do not ascend', '1 2:1 1:1\n1 3:1 1:1', 'text'],
  ])('are not %s', (_name, text, name) => {
    expect(found(text).name).toBe(name);
  });
});
