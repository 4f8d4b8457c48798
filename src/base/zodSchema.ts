import { z } from 'zod';
import { lazy } from './lazy.js';

/** Accepts the schemas of any copy of zod 4. */
export const zodSchema = lazy(() =>
  z.custom<z.ZodType>((value) => value instanceof z.ZodType, {
    error: ({ input }) =>
      isZod3(input)
        ? 'expected a schema of zod 4, found a schema of zod 3: install zod 4, or import { z } from "zod/v4"'
        : 'expected a zod schema',
  }),
);

/** Schemas of zod 3 have `_def.typeName`. Schemas of zod 4 have `_zod`. */
function isZod3(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || '_zod' in value) return false;
  const { _def: definition } = value as { readonly _def?: { readonly typeName?: unknown } };
  return typeof definition?.typeName === 'string' && definition.typeName.startsWith('Zod');
}
