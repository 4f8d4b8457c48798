import { MAX_PATH_LENGTH, nestingError } from '../base/nestingError.js';
import { isNDArray, type NDArray } from './ndarray.js';

export function partPath(path: string, key: string, isTuple: boolean): string {
  if (isTuple) return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}

/**
 * Replaces the NDArrays in objects and tuples. Does not copy unchanged parts.
 *
 * @throws ValueError with the path if the structure contains itself.
 */
export function mapArrays<T>(value: T, replace: (array: NDArray, path: string) => NDArray): T {
  const mapAt = (part: unknown, path: string): unknown => {
    if (isNDArray(part)) return replace(part, path);
    if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part)) return part;
    if (path.length > MAX_PATH_LENGTH) throw nestingError('the arrays of an item', value);
    const isTuple = Array.isArray(part);
    let isChanged = false;
    const entries = Object.entries(part).map(([key, inner]: [string, unknown]) => {
      const mapped = mapAt(inner, partPath(path, key, isTuple));
      isChanged ||= mapped !== inner;
      return [key, mapped] as const;
    });
    if (!isChanged) return part;
    return isTuple ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
  };
  return mapAt(value, '') as T;
}

export function hasArrays(value: unknown): boolean {
  let isFound = false;
  mapArrays(value, (array) => {
    isFound = true;
    return array;
  });
  return isFound;
}
