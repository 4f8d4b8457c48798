import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { placeOfKey } from '../../src/base/placeOfKey.js';

const stage = z.discriminatedUnion('stage', [
  z.strictObject({ stage: z.literal('batch'), size: z.int() }),
  z.strictObject({ stage: z.literal('pad'), size: z.int(), value: z.int().optional() }),
  z.strictObject({ stage: z.literal('shuffle'), seed: z.int(), store: z.strictObject({ path: z.string() }) }),
]);
const schema = z.strictObject({
  channels: z.record(z.string(), z.strictObject({ files: z.string(), stages: z.array(stage).default([]) })),
  stages: z.array(stage),
  name: z.string(),
});

describe('placeOfKey', () => {
  it.each<[string, PropertyKey[], string | undefined]>([
    ['files', [], 'belongs in channels.<name>'],
    ['name', ['stages', 0], 'belongs at the top level'],
    ['size', [], 'belongs in stages[], with stage batch or stage pad'],
    ['value', ['channels', 'a'], 'belongs in channels.<name>.stages[], with stage pad'],
    ['path', [], 'belongs in stages[].store'],
    ['path', ['channels', 'a'], 'belongs in channels.<name>.stages[].store'],
    ['shuffle', [], 'is written as { "stage": "shuffle", … } in stages[]'],
    ['seed', ['stages', 3], undefined],
    ['other', [], undefined],
    ['__proto__', [], undefined],
  ])('says where %j belongs that is found at %j', (key, path, place) => {
    expect(placeOfKey(schema, key, path)).toBe(place);
  });

  it('names no kind if all kinds have the key', () => {
    expect(placeOfKey(z.strictObject({ stages: z.array(stage) }), 'stage', [])).toBe('belongs in stages[]');
  });

  it('finds a key below a default, a transformation and a custom check', () => {
    const part = z.strictObject({ a: z.bigint() }).transform(String);
    const custom = z.strictObject({ run: z.custom(() => true).default(() => undefined), of: part.optional() });
    expect(
      placeOfKey(
        custom.refine(() => true),
        'a',
        [],
      ),
    ).toBe('belongs in of');
  });

  it('does not follow a schema that contains itself', () => {
    const tree: z.ZodType = z.strictObject({ left: z.lazy(() => tree) });
    expect(placeOfKey(tree, 'a', [])).toBeUndefined();
  });
});
