import { inspect } from 'node:util';
import { ConfigError } from '../base/errors.js';

/** What JSON can say. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/**
 * One line of an augmented manifest, with its newline: a training example as its attributes by name.
 *
 * ```ts
 * import { encodeManifestLine } from 'millrace/formats';
 *
 * const line = encodeManifestLine({ 'source-ref': 's3://bucket/images/1.png', class: 3 });
 * ```
 *
 * What an attribute ending in `-ref` names is an object, whose bytes the channel carries in its place; of any other one
 * it carries the value. Attributes are written in the order given, as UTF-8 and in one line, so the same input gives the
 * same bytes. A file of such lines is what `S3DataType: AugmentedManifestFile` reads, and what Ground Truth writes.
 *
 * @param attributes - at least one; a `-ref` is a string that is not empty.
 * @throws ConfigError at what JSON cannot hold (it would be dropped or turned into null without a word), and at a
 *   reference that is none; the path leads to it.
 * @see {@link https://docs.aws.amazon.com/sagemaker/latest/dg/augmented-manifest.html | Augmented manifest files}
 */
export function encodeManifestLine(attributes: Readonly<Record<string, JsonValue>>): Uint8Array {
  if (!isPlainObject(attributes) || Object.keys(attributes).length === 0) {
    fail('attributes', 'expected an object with an attribute at least', attributes);
  }
  for (const [name, value] of Object.entries(attributes)) {
    checkJson(value, name, []);
    const isReference = name.endsWith('-ref');
    if (isReference && (typeof value !== 'string' || value === ''))
      fail(name, 'expected the place of an object', value);
  }
  return new Uint8Array(Buffer.from(`${JSON.stringify(attributes)}\n`, 'utf8'));
}

/** @param holders - the arrays and objects that the value stands in, since it must not stand in itself. */
function checkJson(value: unknown, path: string, holders: readonly unknown[]): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return;
  if (holders.includes(value)) fail(path, 'expected JSON', 'a value that stands in itself');
  if (Array.isArray(value)) {
    const elements: readonly unknown[] = value;
    for (let at = 0; at < elements.length; at++) checkJson(elements[at], `${path}[${at}]`, [...holders, value]);
  } else if (isPlainObject(value)) {
    for (const [key, inner] of Object.entries(value)) checkJson(inner, `${path}.${key}`, [...holders, value]);
  } else fail(path, 'expected JSON', value);
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function fail(path: string, expected: string, found: unknown): never {
  const what = typeof found === 'string' ? found || 'no text' : inspect(found, { depth: 0 });
  throw new ConfigError(`encodeManifestLine: ${path}: ${expected}, found ${what}`, { path });
}
