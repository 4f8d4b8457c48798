import { ConfigError } from '../../base/errors.js';

export function fault(pattern: string, message: string): ConfigError {
  return new ConfigError(`init: ${pattern}: ${message}`, { path: 'data' });
}
