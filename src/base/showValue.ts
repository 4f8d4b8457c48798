import { inspect } from 'node:util';
import { printable } from './printable.js';

const SHOWN_CHARACTERS = 80;
const SHOWN_NAMES = 10;

/** Quotes a text on one line, printable and shortened. */
export function quote(text: string, shownCharacters = SHOWN_CHARACTERS): string {
  // Splitting a long text is slow.
  const characters = Array.from(text.slice(0, 2 * shownCharacters + 2));
  const isCut = characters.length > shownCharacters;
  return quoteWhole(isCut ? `${characters.slice(0, shownCharacters).join('')}…` : text);
}

export function quoteWhole(text: string): string {
  return printable(JSON.stringify(text));
}

export function quoteNames(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN_NAMES).map((name) => quote(name, 40));
  return shown.join(', ') + (names.length > shown.length ? ` and ${names.length - shown.length} more` : '');
}

/** Describes any value on one line. Never throws. Describes objects by their type: `an array of length 3`, `a Date`. */
export function showValue(value: unknown): string {
  try {
    return shown(value);
  } catch {
    return 'an object that cannot be read';
  }
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function ${quote(value.name)}`;
  if (typeof value !== 'object' || value === null) return printable(inspect(value));
  return showObject(value);
}

function showObject(value: object): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : `an array of length ${value.length}`;
  if (isObservable(value)) return 'an Observable';
  const name = nameOfClass(value);
  if (name === undefined) return showPlain(value);
  const article = /^[AEIO]/.test(name) ? 'an' : 'a';
  const length = ArrayBuffer.isView(value) && 'length' in value ? ` of length ${String(value.length)}` : '';
  return `${article} ${printable(name)}${length}`;
}

/** NDArrays are plain objects, but "an object" would not explain the error. */
function showPlain(value: object): string {
  const { dtype, shape, data } = value as { dtype?: unknown; shape?: unknown; data?: unknown };
  const isArray = typeof dtype === 'string' && Array.isArray(shape) && typeof data === 'object';
  return isArray ? `an NDArray of dtype ${printable(dtype)} and shape [${printable(shape.join(', '))}]` : 'an object';
}

/** Also true for Observables of another copy of RxJS. */
export function isObservable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  try {
    const { subscribe, pipe } = value as { subscribe?: unknown; pipe?: unknown };
    return typeof subscribe === 'function' && typeof pipe === 'function';
  } catch {
    return false;
  }
}

function nameOfClass(value: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (typeof prototype !== 'object' || prototype === null || prototype === Object.prototype) return undefined;
  const { constructor } = prototype as { constructor?: { name?: unknown } };
  const name = constructor?.name;
  return typeof name === 'string' && name !== '' && name !== 'Object' ? name : undefined;
}
