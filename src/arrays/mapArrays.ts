import { isNDArray, type NDArray } from './ndarray.js';

/** Returns the path of a part of a structure in JavaScript syntax: `x.images[0]`. */
export function partPath(path: string, key: string, isTuple: boolean): string {
  if (isTuple) return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}

/**
 * Replaces each NDArray in a structure of objects and tuples. Objects and tuples without a change are returned as the same
 * object.
 */
export function mapArrays<T>(value: T, replace: (array: NDArray, path: string) => NDArray): T {
  return mapAt(value, '', replace) as T;
}

/** Returns whether a structure is or contains an NDArray. */
export function hasArrays(value: unknown): boolean {
  let isFound = false;
  mapArrays(value, (array) => {
    isFound = true;
    return array;
  });
  return isFound;
}

function mapAt(value: unknown, path: string, replace: (array: NDArray, path: string) => NDArray): unknown {
  if (isNDArray(value)) return replace(value, path);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  const isTuple = Array.isArray(value);
  let isChanged = false;
  const entries = Object.entries(value).map(([key, part]: [string, unknown]) => {
    const mapped = mapAt(part, partPath(path, key, isTuple), replace);
    isChanged ||= mapped !== part;
    return [key, mapped] as const;
  });
  if (!isChanged) return value;
  return isTuple ? entries.map(([, part]) => part) : Object.fromEntries(entries);
}
