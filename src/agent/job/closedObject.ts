import { z } from 'zod';

/** The schema of an object in the request. An unknown key is an error, because it would otherwise be silently ignored. */
export function closedObject<S extends z.ZodRawShape>(shape: S) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `the local agent does not support ${issue.keys.join(', ')} here; it supports ${Object.keys(shape).join(', ')}`
        : undefined,
  });
}
