import { z } from 'zod';

/** An object of the request. A key that it does not list is refused: it would otherwise be ignored in silence. */
export function closedObject<S extends z.ZodRawShape>(shape: S) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `the local agent does not support ${issue.keys.join(', ')} here; it knows ${Object.keys(shape).join(', ')}`
        : undefined,
  });
}
