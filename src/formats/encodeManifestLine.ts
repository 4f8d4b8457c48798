import { inspect } from 'node:util';
import { ConfigError } from '../base/errors.js';

/** Any JSON value. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/**
 * Encodes one line of an augmented manifest, with a newline. Equal input produces equal bytes.
 *
 * ```ts
 * import { encodeManifestLine } from 'millrace/formats';
 *
 * const line = encodeManifestLine({ 'source-ref': 's3://bucket/images/1.png', class: 3 });
 * ```
 *
 * The value of an attribute whose name ends in `-ref` is the location of an S3 object, and the channel delivers the
 * object's bytes. For other attributes, the channel delivers the value. The channel needs `S3DataType:
 * AugmentedManifestFile`.
 *
 * @param attributes - at least one. The value of a `-ref` attribute is a non-empty string.
 * @throws ConfigError with the path of an invalid `-ref` attribute, or of a value that JSON cannot represent, such as
 *   `undefined` or NaN.
 */
export function encodeManifestLine(attributes: Readonly<Record<string, JsonValue>>): Uint8Array {
  if (!isPlainObject(attributes) || Object.keys(attributes).length === 0) {
    fail('attributes', 'expected an object with at least one attribute', attributes);
  }
  for (const [name, value] of Object.entries(attributes)) {
    checkJson(value, name, []);
    const isReference = name.endsWith('-ref');
    if (isReference && (typeof value !== 'string' || value === ''))
      fail(name, 'expected the location of an S3 object, for example s3://bucket/1.png', value);
  }
  return new Uint8Array(Buffer.from(`${JSON.stringify(attributes)}\n`, 'utf8'));
}

function checkJson(value: unknown, path: string, holders: readonly unknown[]): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return;
  if (holders.includes(value)) fail(path, 'expected a JSON value', 'a value that contains itself');
  if (Array.isArray(value)) {
    const elements: readonly unknown[] = value;
    for (let at = 0; at < elements.length; at++) checkJson(elements[at], `${path}[${at}]`, [...holders, value]);
  } else if (isPlainObject(value)) {
    for (const [key, inner] of Object.entries(value)) checkJson(inner, `${path}.${key}`, [...holders, value]);
  } else fail(path, 'expected a JSON value', value);
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function fail(path: string, expected: string, found: unknown): never {
  const what = typeof found === 'string' ? found || 'empty text' : inspect(found, { depth: 0 });
  throw new ConfigError(`encodeManifestLine: ${path}: ${expected}, found ${what}`, { path });
}
