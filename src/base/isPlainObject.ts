import { types } from 'node:util';

/**
 * True for a plain object of any realm. False for an object of a class, and for a proxy, whose properties can change.
 */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false;
  // The prototype of a plain object, of any realm, has no prototype itself.
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
