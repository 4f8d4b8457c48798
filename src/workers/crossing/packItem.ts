import { types } from 'node:util';
import { ValueError } from '../../base/errors.js';
import { isFresh } from '../../arrays/freshMemory.js';
import { setProperty } from '../../base/setProperty.js';
import { partPath } from '../../arrays/mapArrays.js';
import type { MovePolicy } from './protocol.js';

export interface PackedItem {
  readonly item: unknown;
  /** The buffers to move. Sending detaches them on this thread. */
  readonly transfer: readonly ArrayBuffer[];
}

export interface PackOptions {
  readonly name: string;
  readonly move: MovePolicy;
}

/** Smaller views share one buffer, because each buffer takes about 1 µs on the receiving thread. */
const SMALL_BYTES = 4096;
const ALIGNMENT = 8;

const moved = new WeakSet<ArrayBufferLike>();

/**
 * Copies the views that must stay on this thread, and moves the copies, so that the receiver copies nothing.
 *
 * For `move`, see `WorkerOptions`. Shared memory stays shared. Searches plain objects, arrays, Maps and Sets for views.
 * Structured clone handles all other objects.
 *
 * @throws ValueError with the path of a function, a symbol, or memory that was already moved.
 */
export function packItem(item: unknown, options: PackOptions): PackedItem {
  const views = new Set<ArrayBufferView>();
  const { name, move } = options;
  // Not a spread: see `stackFor`.
  collectViews(item, '', { name, move, views, visited: new Set() });
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

/** @throws ValueError like {@link packItem}, and for values that structured clone rejects, for example a Promise. */
export function sendItem(
  item: unknown,
  options: PackOptions,
  post: (item: unknown, transfer: readonly ArrayBuffer[]) => void,
): void {
  const packed = packItem(item, options);
  try {
    post(packed.item, packed.transfer);
  } catch (cause) {
    // Some memory, for example that of a native library, cannot be moved. Only an attempt shows this.
    if (options.move === 'all') sendItem(item, { ...options, move: 'none' }, post);
    else
      throw new ValueError(`${options.name}: an item cannot be sent to a different thread: ${String(cause)}`, {
        path: '',
        cause,
      });
  }
  for (const buffer of packed.transfer) moved.add(buffer);
}

function isMovable(view: ArrayBufferView, move: MovePolicy): boolean {
  if (move === 'none' || view.byteLength === 0 || view.byteLength !== view.buffer.byteLength) return false;
  return move === 'all' || isFresh(view);
}

interface Search extends PackOptions {
  readonly views: Set<ArrayBufferView>;
  /** An item may contain an object twice, or itself. */
  readonly visited: Set<object>;
}

function collectViews(value: unknown, path: string, search: Search): void {
  if (typeof value === 'function' || typeof value === 'symbol') throw cannotBeSent(search.name, path, typeof value);
  if (typeof value !== 'object' || value === null || search.visited.has(value)) return;
  search.visited.add(value);
  if (ArrayBuffer.isView(value)) {
    if (moved.has(value.buffer)) throw wasMoved(search.name, path);
    search.views.add(value);
  } else {
    for (const [key, part] of partsOf(value)) collectViews(part, partPath(path, key, Array.isArray(value)), search);
  }
}

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
  // A Buffer arrives as a Uint8Array, as with structured clone.
  const Constructor = (types.isUint8Array(view) ? Uint8Array : view.constructor) as ViewConstructor;
  const length = 'length' in view ? (view.length as number) : byteLength;
  return new Constructor(buffer, offset, length);
}

function replaceViews(item: unknown, copies: ReadonlyMap<object, unknown>): unknown {
  const replaced = new Map<object, unknown>(copies);
  const replace = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (replaced.has(value)) return replaced.get(value);
    // A copy is registered before it is filled, because the container may contain itself.
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
    for (const [key, part] of Object.entries(value)) setProperty(container, key, replace(part));
    return container;
  };
  return replace(item);
}

function cannotBeSent(name: string, path: string, found: string): ValueError {
  const place = path === '' ? 'the item' : path;
  return new ValueError(
    `${name}: ${place} is a ${found}, which cannot be sent to a different thread. Remove this part with map().`,
    {
      path,
    },
  );
}

function wasMoved(name: string, path: string): ValueError {
  return new ValueError(
    `${name}: the memory of ${path === '' ? 'the item' : path} was already moved to a different thread with an ` +
      'earlier item. An operator such as share(), combineLatest(), pairwise() or scan() emits the same memory ' +
      "again. To copy all memory, set move: 'none'.",
    { path },
  );
}
