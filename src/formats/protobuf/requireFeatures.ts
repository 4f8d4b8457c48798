import { ConfigError } from '../../base/errors.js';

/** @throws ConfigError if no feature is requested, as in TensorFlow. */
export function requireFeatures(what: string, count: number): void {
  if (count > 0) return;
  const remedy = 'name the features to read. The command "millrace inspect" shows the features of a file';
  throw new ConfigError(`${what}: expected at least one feature, found none: ${remedy}`, { path: 'features' });
}
