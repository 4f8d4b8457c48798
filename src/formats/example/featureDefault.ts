import { ConfigError } from '../../base/errors.js';
import { quote } from '../../base/showValue.js';
import type { DefaultValue, FixedLenFeature, FixedLenSequenceFeature } from './features.js';

/** A feature can have at most one of these options. */
export const DEFAULT_OPTIONS = ['default', 'defaultText', 'defaultBase64'] as const;

/**
 * Converts a default in text or base64 to bytes.
 *
 * @throws ConfigError if several defaults are set, a numeric feature has text or base64, or base64 is invalid.
 */
export function featureDefault(
  name: string,
  feature: FixedLenFeature | FixedLenSequenceFeature,
): DefaultValue | readonly DefaultValue[] | undefined {
  const [given, other] = DEFAULT_OPTIONS.filter((option) => feature[option] !== undefined);
  if (given === undefined) return undefined;
  if (other !== undefined) throw fault(`${name}.${other}`, `expected only one default, but ${given} is set too`);
  if (given === 'default') return feature.default;
  const path = `${name}.${given}`;
  if (feature.dtype !== 'bytes')
    throw fault(path, `expected dtype bytes, found ${feature.dtype}: use the option "default" instead of ${given}`);
  const toBytes = given === 'defaultText' ? bytesOfText : (text: string) => bytesOfBase64(text, path);
  const texts = feature[given] as string | readonly string[];
  return typeof texts === 'string' ? toBytes(texts) : texts.map(toBytes);
}

function bytesOfText(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'utf8'));
}

function bytesOfBase64(text: string, path: string): Uint8Array {
  const bytes = new Uint8Array(Buffer.from(text, 'base64'));
  if (Buffer.from(bytes).toString('base64') === text) return bytes;
  throw fault(path, `expected base64, found ${quote(text)}: to write plain text, use defaultText`);
}

function fault(path: string, message: string): ConfigError {
  return new ConfigError(`${path}: ${message}`, { path });
}
