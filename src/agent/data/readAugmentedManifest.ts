import { isUtf8 } from 'node:buffer';
import { jsonFault } from '../../base/jsonFault.js';
import { localObject, type LocalObject } from './localObject.js';
import type { Fault } from '../job/locate.js';
import { locate } from '../job/locate.js';
import { readManifestFile, type ManifestPlace } from './manifestPlace.js';
import { mapFiles } from './mapFiles.js';
import { memberTexts } from './memberTexts.js';

const REFERENCE_SUFFIX = '-ref';

const NEWLINE = 0x0a;

/**
 * Reads the requested attributes of each line, in the requested order. An attribute whose name ends in `-ref` becomes
 * the object at its location. Any other attribute becomes a text: the value of a string, or the unchanged JSON. Blank
 * lines are skipped.
 *
 * Relative locations start from the manifest. Memory: the requested texts of all lines.
 *
 * @throws ConfigError if a line is not a JSON object or lacks an attribute, or if an object does not exist or is
 *   outside the manifest's root. The error names the line, from 1, and the attribute.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/augmented-manifest.html
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/augmented-manifest-stream.html
 */
export async function readAugmentedManifest(
  place: ManifestPlace,
  attributes: readonly string[],
): Promise<readonly (readonly (LocalObject | Uint8Array)[])[]> {
  const lines = [...linesOf(await readManifestFile(place))].map((bytes, index) => ({ bytes, number: index + 1 }));
  const { path, fault, signal } = place;
  const read = async ({ bytes, number }: (typeof lines)[number]) => {
    const inLine: Fault = (message, cause) => fault(`manifest ${path}, line ${number}: ${message}`, cause);
    const line = membersOfLine(bytes, inLine);
    return Promise.all(attributes.map((name) => readAttribute(line, name, { ...place, fault: inLine })));
  };
  const filled = lines.filter(({ bytes }) => !isBlank(bytes));
  const items = await mapFiles(filled, read, signal);
  if (items.length === 0) throw fault(`the manifest ${path} has no lines, or only blank lines`);
  return items;
}

function* linesOf(bytes: Buffer): Generator<Buffer, void, undefined> {
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(NEWLINE, start);
    const end = found === -1 ? bytes.length : found;
    yield bytes.subarray(start, end);
    start = end + 1;
  }
}

const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);

/** Returns each attribute of a line as its unparsed JSON. */
function membersOfLine(bytes: Uint8Array, fault: Fault): ReadonlyMap<string, string> {
  if (!isUtf8(bytes)) throw fault('the line is not UTF-8');
  const text = new TextDecoder().decode(bytes);
  try {
    const value: unknown = JSON.parse(text);
    // The names do not come from `value`: Node 24 and 26 parse some names with escapes wrongly.
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return memberTexts(text);
  } catch (cause) {
    const { column, message } = jsonFault(text, cause);
    throw fault(`the line is not JSON: column ${column}: ${message}`, cause);
  }
  throw fault('the line is not a JSON object');
}

async function readAttribute(
  line: ReadonlyMap<string, string>,
  name: string,
  { folder, root, s3Map, fault }: ManifestPlace,
): Promise<LocalObject | Uint8Array> {
  const inAttribute: Fault = (message, cause) => fault(`attribute "${name}": ${message}`, cause);
  const json = line.get(name);
  if (json === undefined) {
    throw inAttribute(`the attribute is missing; the line has ${[...line.keys()].join(', ') || 'no attributes'}`);
  }
  const attribute = json.startsWith('"') ? (JSON.parse(json) as string) : undefined;
  if (name.endsWith(REFERENCE_SUFFIX)) {
    if (attribute === undefined)
      throw inAttribute('expected the path of an object, because the name of the attribute ends in -ref');
    const found = locate(attribute, { relativeTo: folder, s3Map, fault: inAttribute });
    return localObject(found.path, { key: attribute, root: found.root ?? root, fault: inAttribute });
  }
  return Buffer.from(attribute ?? json);
}
