import type { z } from 'zod';

/**
 * Replaces zod's `oneOf` of a discriminated union with `if` and `then`. With `oneOf`, one wrong type causes an error
 * for each member.
 */
export function tellKindsApart(zodSchema: z.core.$ZodTypes, jsonSchema: z.core.JSONSchema.BaseSchema): void {
  const def = zodSchema._zod.def;
  const members = jsonSchema.oneOf;
  if (def.type !== 'union' || !('discriminator' in def) || !members) return;
  const { discriminator, options } = def as z.core.$ZodDiscriminatedUnionDef;
  const kinds = options.map((option) => Array.from(option._zod.propValues?.[discriminator] ?? []));
  const names = kinds.map((values) => values.filter((value) => value !== undefined) as string[]);
  const requires = (values: readonly unknown[]): object =>
    values.includes(undefined) ? {} : { required: [discriminator] };
  delete jsonSchema.oneOf;
  Object.assign(jsonSchema, {
    type: 'object',
    properties: { [discriminator]: { description: descriptionOf(options[0], discriminator), enum: names.flat() } },
    ...requires(kinds.flat()),
    allOf: members.map((member, at) => {
      const values = kinds[at] ?? [];
      return {
        if: { type: 'object', properties: { [discriminator]: { enum: names[at] } }, ...requires(values) },
        then: member,
      };
    }),
  });
}

function descriptionOf(member: z.core.SomeType | undefined, property: string): string | undefined {
  const { shape } = (member ?? {}) as { readonly shape?: Readonly<Record<string, z.ZodType | undefined>> };
  return shape?.[property]?.description;
}
