import { types } from 'node:util';
import { ValueError } from '../../base/errors.js';
import { isFresh } from '../../arrays/freshMemory.js';
import { partPath } from '../../arrays/mapArrays.js';
import type { MovePolicy } from './protocol.js';

/** An item, ready to leave its thread. */
export interface PackedItem {
  readonly item: unknown;
  /** What is moved: it is empty here once the item has been sent. */
  readonly transfer: readonly ArrayBuffer[];
}

/** How {@link packItem} packs. */
export interface PackOptions {
  /** Who sends it, as messages name it. */
  readonly name: string;
  readonly move: MovePolicy;
}

/** Smaller views are copied side by side into one piece of memory: each piece costs the receiver a microsecond. */
const SMALL_BYTES = 4096;
/** Where the elements of any typed array may begin. */
const ALIGNMENT = 8;

/** Memory that has left this thread, for as long as somebody here still holds what is left of it. */
const moved = new WeakSet<ArrayBufferLike>();

/**
 * Prepares an item for another thread, so that nothing of it is copied by the thread that receives it: memory that
 * nobody here needs any more is moved; of the rest, what the item shows is copied here and now, and the copy is moved.
 *
 * What is moved, `move` says: `fresh`, what is marked so (`arrays/freshMemory.ts`); `all`, whatever fills its memory
 * alone; `none`, nothing. Shared memory stays shared. Records, arrays, Maps and Sets are looked into; the rest goes as
 * structured clone has it.
 *
 * @throws ValueError with the path of what cannot be sent: a function, a symbol, or memory that has left already.
 */
export function packItem(item: unknown, options: PackOptions): PackedItem {
  const views = new Set<ArrayBufferView>();
  collectViews(item, '', { ...options, views, met: new Set() });
  const transfer = new Set<ArrayBuffer>();
  const copied: ArrayBufferView[] = [];
  for (const view of views) {
    if (types.isSharedArrayBuffer(view.buffer)) continue;
    if (isMovable(view, options.move)) transfer.add(view.buffer);
    else copied.push(view);
  }
  const copies = copyViews(copied);
  for (const copy of copies.values()) transfer.add(copy.buffer as ArrayBuffer);
  return { item: copies.size === 0 ? item : replaceViews(item, copies), transfer: [...transfer] };
}

/**
 * Sends an item in a message, packed.
 *
 * @throws ValueError, as {@link packItem} does, and for what structured clone refuses, such as a Promise.
 */
export function sendItem(
  item: unknown,
  options: PackOptions,
  post: (item: unknown, transfer: readonly ArrayBuffer[]) => void,
): void {
  const packed = packItem(item, options);
  try {
    post(packed.item, packed.transfer);
  } catch (cause) {
    // Some memory cannot be moved, such as that of a native library, and nobody can tell before.
    if (options.move === 'all') sendItem(item, { ...options, move: 'none' }, post);
    else
      throw new ValueError(`${options.name}: an item cannot leave its thread: ${String(cause)}`, { path: '', cause });
  }
  for (const buffer of packed.transfer) moved.add(buffer);
}

function isMovable(view: ArrayBufferView, move: MovePolicy): boolean {
  if (move === 'none' || view.byteLength === 0 || view.byteLength !== view.buffer.byteLength) return false;
  return move === 'all' || isFresh(view);
}

interface Collecting extends PackOptions {
  readonly views: Set<ArrayBufferView>;
  /** What has been looked into: an item may hold a thing twice, or itself. */
  readonly met: Set<object>;
}

function collectViews(value: unknown, path: string, collecting: Collecting): void {
  if (typeof value === 'function' || typeof value === 'symbol') throw cannotLeave(collecting.name, path, typeof value);
  if (typeof value !== 'object' || value === null || collecting.met.has(value)) return;
  collecting.met.add(value);
  if (ArrayBuffer.isView(value)) {
    if (moved.has(value.buffer)) throw hasLeft(collecting.name, path);
    collecting.views.add(value);
  } else {
    for (const [key, part] of partsOf(value)) collectViews(part, partPath(path, key, Array.isArray(value)), collecting);
  }
}

/** The parts of what is looked into, with their keys for a path. */
function partsOf(value: object): [string, unknown][] {
  if (types.isMap(value))
    return [...value].flatMap(([key, part]) => [
      ['(key)', key],
      [`(${String(key)})`, part],
    ]);
  if (types.isSet(value)) return [...value].map((part) => ['(element)', part]);
  return isLookedInto(value) ? Object.entries(value) : [];
}

function isLookedInto(value: object): boolean {
  return Array.isArray(value) || Object.prototype.toString.call(value) === '[object Object]';
}

/** A copy of what each view shows, and no more: the small ones on one piece of memory, the others on one each. */
function copyViews(views: readonly ArrayBufferView[]): Map<ArrayBufferView, ArrayBufferView> {
  const aligned = (view: ArrayBufferView): number => Math.ceil(view.byteLength / ALIGNMENT) * ALIGNMENT;
  const isSmall = (view: ArrayBufferView): boolean => view.byteLength < SMALL_BYTES;
  const shared = new ArrayBuffer(views.filter(isSmall).reduce((sum, view) => sum + aligned(view), 0));
  let offset = 0;
  return new Map(
    views.map((view) => {
      if (!isSmall(view)) return [view, copyTo(new ArrayBuffer(view.byteLength), 0, view)];
      const copy = copyTo(shared, offset, view);
      offset += aligned(view);
      return [view, copy];
    }),
  );
}

type ViewConstructor = new (buffer: ArrayBuffer, byteOffset: number, length: number) => ArrayBufferView;

function copyTo(buffer: ArrayBuffer, offset: number, view: ArrayBufferView): ArrayBufferView {
  const { byteLength } = view;
  new Uint8Array(buffer, offset, byteLength).set(new Uint8Array(view.buffer, view.byteOffset, byteLength));
  // A Buffer arrives as the Uint8Array that it is, as structured clone has it.
  const Constructor = (types.isUint8Array(view) ? Uint8Array : view.constructor) as ViewConstructor;
  const length = 'length' in view ? (view.length as number) : byteLength;
  return new Constructor(buffer, offset, length);
}

function replaceViews(item: unknown, copies: ReadonlyMap<object, unknown>): unknown {
  const replaced = new Map<object, unknown>(copies);
  const replace = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (replaced.has(value)) return replaced.get(value);
    // Noted before it is filled, since it may hold itself.
    const note = <C extends object>(container: C): C => {
      replaced.set(value, container);
      return container;
    };
    if (types.isMap(value)) {
      const map = note(new Map());
      for (const [key, part] of value) map.set(replace(key), replace(part));
      return map;
    }
    if (types.isSet(value)) {
      const set = note(new Set());
      for (const part of value) set.add(replace(part));
      return set;
    }
    if (ArrayBuffer.isView(value) || !isLookedInto(value)) return value;
    const container = note<Record<string, unknown>>(Array.isArray(value) ? (new Array(value.length) as never) : {});
    for (const [key, part] of Object.entries(value)) container[key] = replace(part);
    return container;
  };
  return replace(item);
}

function cannotLeave(name: string, path: string, found: string): ValueError {
  const where = path === '' ? 'the item' : path;
  return new ValueError(
    `${name}: ${where} is a ${found}, which cannot leave its thread. Leave it out in a map before.`,
    {
      path,
    },
  );
}

function hasLeft(name: string, path: string): ValueError {
  return new ValueError(
    `${name}: the memory at ${path === '' ? 'the top' : path} has gone to another thread with an earlier item. Something ` +
      "emits it again, such as share, combineLatest, pairwise or scan: say move: 'none', so that everything is copied.",
    { path },
  );
}
