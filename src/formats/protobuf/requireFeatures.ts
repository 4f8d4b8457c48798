import { ConfigError } from '../../base/errors.js';

/** @throws ConfigError if no feature is to be read, as in TensorFlow. */
export function requireFeatures(what: string, count: number): void {
  if (count > 0) return;
  const remedy = 'name those to read. millrace inspect shows the features of a file';
  throw new ConfigError(`${what}: expected at least one feature, found none: ${remedy}`, { path: 'features' });
}
