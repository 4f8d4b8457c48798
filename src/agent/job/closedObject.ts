import { z } from 'zod';
import { nearestName } from '../../base/nearestName.js';
import { quote } from '../../base/showValue.js';

/** Rejects unknown keys, because an ignored key would hide a mistake. */
export function closedObject<S extends z.ZodRawShape>(shape: S) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? unknownKeys(issue.keys, Object.keys(shape)) : undefined),
  });
}

function unknownKeys(keys: readonly string[], known: readonly string[]): string {
  const near = keys.flatMap((key) => nearestName(key, known) ?? []);
  const hint = near.length === keys.length ? `: did you mean ${near.map((name) => quote(name)).join(' and ')}?` : '';
  return `the local agent does not support ${keys.join(', ')} here${hint === '' ? `; it supports ${known.join(', ')}` : hint}`;
}
