import { ConfigError } from '../../base/errors.js';
import { showValue } from '../../base/showValue.js';

export function requireNames(what: string, value: unknown, path: string): asserts value is object {
  const isNames = typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
  if (isNames) return;
  throw new ConfigError(`${what}: ${path}: expected an object whose keys are names, found ${showValue(value)}`, {
    path,
  });
}
