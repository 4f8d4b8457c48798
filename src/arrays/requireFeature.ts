import { types } from 'node:util';
import { isNDArray } from './ndarray.js';
import { ValueError } from '../base/errors.js';
import { quote, quoteNames, showValue } from '../base/showValue.js';

/** An item with features: an object, or the tuple of `decodeCsv` with the features "0", "1", and so on. */
export type Structure = Readonly<Record<string, unknown>>;

const DECODE =
  'Decode the records in an earlier stage, for example parseSingleExample, parseRecordProtobuf, decodeCsv or combineAttributes.';

/**
 * Returns a feature of an item.
 *
 * @throws ValueError if the item has no features, or does not have this feature.
 */
export function requireFeature(stage: string, item: Structure, name: string): unknown {
  if (typeof item !== 'object' || item === null || ArrayBuffer.isView(item) || isNDArray(item)) {
    throw noFeatures(stage, item, name);
  }
  // Excludes other own properties, such as the length of a tuple.
  if (Object.prototype.propertyIsEnumerable.call(item, name)) return item[name];
  const found = quoteNames(Object.keys(item));
  const message = `${stage}: the item has no feature ${quote(name)}. It has the features ${found}.`;
  throw new ValueError(message + nestedRemedy(item, name), { path: name });
}

function nestedRemedy(item: Structure, name: string): string {
  const outer = Object.keys(item).find((key) => isObject(item[key]) && Object.hasOwn(item[key], name));
  if (outer === undefined) return '';
  return ` The feature ${quote(name)} is inside ${outer}: move it out with map((item) => ({ ...item, ...item.${outer} })). If ${outer} comes from the option label of a decoder, you can also remove label.`;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !isNDArray(value);
}

function noFeatures(stage: string, item: unknown, path: string): ValueError {
  const found = isNDArray(item) ? 'an NDArray' : showValue(item);
  const remedy = typeof item === 'string' || types.isUint8Array(item) ? ` ${DECODE}` : '';
  return new ValueError(`${stage}: expected an item with features, found ${found}.${remedy}`, { path });
}
