import { isUtf8 } from 'node:buffer';
import { setImmediate as turn } from 'node:timers/promises';
import { jsonFault } from '../../base/jsonFault.js';
import type { ChannelObject } from './channelObject.js';
import type { Fault } from '../job/locate.js';
import { findObjects, type Reference } from './findObjects.js';
import { readManifestFile, referenceTo, type ManifestPlace } from './manifestPlace.js';
import { memberTexts } from './memberTexts.js';

const REFERENCE_SUFFIX = '-ref';

const NEWLINE = 0x0a;

/** Parsing a long manifest must not block the event loop. */
const LINES_PER_TURN = 1024;

/**
 * Reads the requested attributes of each line, in the requested order. An attribute whose name ends in `-ref` is a
 * location, and becomes the object at this location. Other attributes become text: the characters of a string, or the
 * unchanged JSON of any other value. Skips blank lines.
 *
 * Locations are relative to the folder of the manifest. Memory: the requested texts of all lines.
 *
 * @throws ConfigError if a line is not a JSON object, if an attribute is missing, or an object does not exist or is
 *   outside the manifest's root. The error names the attribute and the line, counted from 1.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/augmented-manifest.html
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/augmented-manifest-stream.html
 */
export async function readAugmentedManifest(
  place: ManifestPlace,
  attributes: readonly string[],
): Promise<readonly (readonly (ChannelObject | Uint8Array)[])[]> {
  const { path, fault, signal } = place;
  const items: (readonly (Reference | Uint8Array)[])[] = [];
  let number = 0;
  for (const bytes of linesOf(await readManifestFile(place))) {
    const lineNumber = ++number;
    if (isBlank(bytes)) continue;
    const inLine: Fault = (message, cause) => fault(`manifest ${path}, line ${lineNumber}: ${message}`, cause);
    const line = membersOfLine(bytes, inLine);
    items.push(attributes.map((name) => readAttribute(line, name, { ...place, fault: inLine })));
    if (number % LINES_PER_TURN === 0) await turn(undefined, { signal });
  }
  if (items.length === 0) throw fault(`the manifest ${path} has no lines, or only blank lines`);
  const references = items.flat().filter((part): part is Reference => !(part instanceof Uint8Array));
  const objects = (await findObjects(references, signal)).values();
  return items.map((item) =>
    item.map((part) => (part instanceof Uint8Array ? part : (objects.next().value as ChannelObject))),
  );
}

function* linesOf(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(NEWLINE, start);
    const end = found === -1 ? bytes.length : found;
    yield bytes.subarray(start, end);
    start = end + 1;
  }
}

const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);

function membersOfLine(bytes: Uint8Array, fault: Fault): ReadonlyMap<string, string> {
  if (!isUtf8(bytes)) throw fault('the line is not UTF-8');
  const text = new TextDecoder().decode(bytes);
  try {
    const value: unknown = JSON.parse(text);
    // `memberTexts` reads the names again, because `JSON.parse` may read them wrongly.
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return memberTexts(text);
  } catch (cause) {
    const { column, message } = jsonFault(text, cause);
    throw fault(`the line is not JSON: column ${column}: ${message}`, cause);
  }
  throw fault('the line is not a JSON object');
}

function readAttribute(line: ReadonlyMap<string, string>, name: string, place: ManifestPlace): Reference | Uint8Array {
  const inAttribute: Fault = (message, cause) => place.fault(`attribute "${name}": ${message}`, cause);
  const json = line.get(name);
  if (json === undefined) {
    throw inAttribute(`the attribute is missing; the line has ${[...line.keys()].join(', ') || 'no attributes'}`);
  }
  const attribute = json.startsWith('"') ? (JSON.parse(json) as string) : undefined;
  if (name.endsWith(REFERENCE_SUFFIX)) {
    if (attribute === undefined)
      throw inAttribute('expected the path of an object, because the name of the attribute ends in -ref');
    return referenceTo(attribute, attribute, { ...place, fault: inAttribute });
  }
  return Buffer.from(attribute ?? json);
}
