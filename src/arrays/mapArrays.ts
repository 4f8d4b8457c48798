import { isNDArray, type NDArray } from './ndarray.js';

/** The path of a part of a structure, as JavaScript would write it: `x.images[0]`. */
export function partPath(path: string, key: string, isTuple: boolean): string {
  if (isTuple) return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}

/**
 * A structure in which each NDArray, also inside objects and tuples, is what `replace` makes of it. What nothing changes
 * in is the same object as before.
 */
export function mapArrays<T>(value: T, replace: (array: NDArray, path: string) => NDArray): T {
  return mapAt(value, '', replace) as T;
}

/** Whether a structure is an NDArray or has one in it. */
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
