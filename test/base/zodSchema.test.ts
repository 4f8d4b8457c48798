import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { z as z3 } from 'zod/v3';
import { parseOptions } from '../../src/base/parseOptions.js';
import { zodSchema } from '../../src/base/zodSchema.js';
import { defineStage } from '../../src/pipeline/declared/stageDefinition.js';
import { trainingJob } from '../../src/sagemaker/trainingJob.js';

const zod3 = z3.object({ epochs: z3.number() }) as unknown as z.ZodObject;

describe('zodSchema', () => {
  it('accepts a schema of zod 4', () => {
    const schema = z.object({});
    expect(parseOptions('what', zodSchema(), schema)).toBe(schema);
  });

  it('recognises a schema of zod 3, and names the import to use', () => {
    const message = /found a schema of zod 3: install zod 4, or import \{ z \} from "zod\/v4"/;
    expect(() => parseOptions('what', zodSchema(), zod3)).toThrow(message);
    expect(() => trainingJob({ hyperparameters: zod3 })).toThrow(message);
    expect(() => defineStage({ name: 'own', options: zod3, build: () => (source) => source })).toThrow(message);
  });

  it.each([undefined, null, {}, 'z'])('rejects %j', (value) => {
    expect(() => parseOptions('what', zodSchema(), value)).toThrow('expected a zod schema');
  });
});
