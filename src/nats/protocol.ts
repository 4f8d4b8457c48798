/**
 * The messages between a trainer and its helpers. Pieces are described below. All other messages have V8's format.
 *
 *   millrace.<job>.splits          the work queue of JetStream: a split
 *   millrace.<job>.trainer         requests of helpers: a TrainerRequest, answered by a TrainerAnswer
 *   millrace.<job>.helper.<id>     requests of the trainer: an ItemRequest, answered by pieces
 *   millrace.<job>.helper.all      no bytes: the trainer has a new queue
 *
 * A piece begins with a byte of flags (1: the end of the split instead of an item, 2: the last piece of the answer).
 * Three little-endian float64 follow: the item's number, the item's size, and the piece's offset. The rest is the bytes
 * of the item from this offset. The pieces of an answer are sent in order.
 */
import { deserialize, serialize } from 'node:v8';
import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { MAX_ITEM_BYTES } from '../base/itemCodec.js';

export const streamOf = (job: string): string => `millrace_${job}`;
export const splitsOf = (job: string): string => `millrace.${job}.splits`;
export const trainerOf = (job: string): string => `millrace.${job}.trainer`;
export const helperOf = (job: string, id: string): string => `millrace.${job}.helper.${id}`;

/** Subscribed by each thread of a helper. */
export const allHelpersOf = (job: string): string => helperOf(job, 'all');

const count = lazy(() => z.int().nonnegative());
const id = lazy(() => z.string().regex(/^[\w-]{1,64}$/));

const splitMessage = lazy(() =>
  z.strictObject({
    run: id(),
    epoch: count(),
    index: count(),
    split: z.unknown(),
    data: z.unknown(),
    exportName: z.string(),
    ackWaitMs: z.number().positive(),
  }),
);

/** A split in the work queue. `run` identifies one subscription of the trainer. */
export type SplitMessage = z.output<ReturnType<typeof splitMessage>>;

const held = lazy(() => ({ run: id(), index: count(), holder: id(), host: z.string().max(1000) }));

const trainerRequest = lazy(() =>
  z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('ping') }),
    z.strictObject({ type: z.literal('hold'), ...held(), digest: z.string().max(100) }),
    z.strictObject({ type: z.literal('release'), ...held() }),
    z.strictObject({ type: z.literal('fail'), ...held(), error: z.unknown() }),
  ]),
);

/** `ping` asks for the queue. `hold` asks whether to begin or continue a split. `release` returns the split. */
export type TrainerRequest = z.output<ReturnType<typeof trainerRequest>>;

const trainerAnswer = lazy(() =>
  z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('work'), from: count() }),
    z.strictObject({ type: z.enum(['done', 'later']) }),
    z.strictObject({ type: z.literal('refuse'), reason: z.string() }),
    z.strictObject({ type: z.literal('queue'), consumer: id() }),
  ]),
);

/**
 * `work`: send the items from `from` on. `done`: the split needs no more work. `later`: another helper works on the
 * split. `queue` answers a ping with the name of the consumer that all helpers share.
 */
export type TrainerAnswer = z.output<ReturnType<typeof trainerAnswer>>;

const itemRequest = lazy(() =>
  z.union([
    z.strictObject({ item: count(), offset: count(), moreItems: count(), moreBytes: count() }),
    z.strictObject({ done: z.boolean() }),
  ]),
);

/**
 * Requests up to {@link ANSWER_BYTES} of an item from an offset. After the end of this item, the helper adds further
 * items that it has, up to `moreItems` and `moreBytes`. The helper may drop all earlier items. A value of `done` ends
 * this helper's work on the split: with `false`, another helper must complete the split.
 */
export type ItemRequest = z.output<ReturnType<typeof itemRequest>>;
export type NextItem = Exclude<ItemRequest, { readonly done: boolean }>;

const SCHEMAS = { splitMessage, trainerRequest, trainerAnswer, itemRequest } as const;

interface Messages {
  readonly splitMessage: SplitMessage;
  readonly trainerRequest: TrainerRequest;
  readonly trainerAnswer: TrainerAnswer;
  readonly itemRequest: ItemRequest;
}

export function encodeMessage<K extends keyof Messages>(_kind: K, message: Messages[K]): Uint8Array {
  return serialize(message);
}

/** Returns `undefined` for bytes that are not a message of this kind. */
export function decodeMessage<K extends keyof Messages>(kind: K, bytes: Uint8Array): Messages[K] | undefined {
  try {
    return SCHEMAS[kind]().parse(deserialize(new Uint8Array(bytes))) as Messages[K];
  } catch {
    return undefined;
  }
}

/** The maximum number of bytes in an answer: enough for an item of 1 MiB and its head. */
export const ANSWER_BYTES = (1 << 20) + (1 << 16);

/** Limits an answer to 151 messages. */
export const MAX_MORE_ITEMS = 15;

/**
 * A socket of Node.js reads up to 64 KiB at once. The client of NATS copies a message that spans two reads into a
 * growing buffer. So large pieces would cost the trainer more memory and garbage collections.
 */
const PIECE_BYTES = 1 << 13;

const HEAD_BYTES = 25;
const END = 1;
const LAST = 2;

export interface Piece {
  readonly isEnd: boolean;
  readonly isLast: boolean;
  /** The number of the item in its split. */
  readonly item: number;
  readonly byteLength: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * Returns the pieces that answer a request.
 *
 * @param items - the requested item and those that follow it. Empty for the end of the split.
 */
export function encodeAnswer(
  items: readonly Uint8Array[],
  { item, offset }: { readonly item: number; readonly offset: number },
): Uint8Array[] {
  const pieces = items.flatMap((bytes, i) => encodeItem(bytes, item + i, i === 0 ? offset : 0));
  if (items.length === 0) pieces.push(encodePiece(END, new Uint8Array(0), { item, byteLength: 0, offset: 0 }));
  const last = pieces.at(-1);
  if (last) last[0] = (last[0] ?? 0) | LAST;
  return pieces;
}

function encodeItem(bytes: Uint8Array, item: number, start: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  const { length: byteLength } = bytes;
  const end = Math.min(byteLength, start + ANSWER_BYTES);
  for (let offset = start; offset < end; offset += PIECE_BYTES) {
    const part = bytes.subarray(offset, Math.min(end, offset + PIECE_BYTES));
    pieces.push(encodePiece(0, part, { item, byteLength, offset }));
  }
  return pieces;
}

function encodePiece(
  flags: number,
  bytes: Uint8Array,
  { item, byteLength, offset }: Pick<Piece, 'item' | 'byteLength' | 'offset'>,
): Uint8Array {
  const piece = Buffer.allocUnsafe(HEAD_BYTES + bytes.length);
  piece[0] = flags;
  piece.writeDoubleLE(item, 1);
  piece.writeDoubleLE(byteLength, 9);
  piece.writeDoubleLE(offset, 17);
  piece.set(bytes, HEAD_BYTES);
  return piece;
}

/** Returns `undefined` for bytes that are not a piece. */
export function decodePiece(piece: Uint8Array): Piece | undefined {
  const [flags = 0] = piece;
  if (piece.length < HEAD_BYTES || flags > (END | LAST)) return undefined;
  const isEnd = (flags & END) !== 0;
  const view = new DataView(piece.buffer, piece.byteOffset);
  const item = view.getFloat64(1, true);
  const byteLength = view.getFloat64(9, true);
  const offset = view.getFloat64(17, true);
  const bytes = piece.subarray(HEAD_BYTES);
  const isValid =
    [item, byteLength, offset].every((number) => Number.isInteger(number) && number >= 0) &&
    byteLength <= MAX_ITEM_BYTES &&
    offset + bytes.length <= byteLength &&
    (isEnd ? byteLength === 0 : bytes.length > 0);
  return isValid ? { isEnd, isLast: (flags & LAST) !== 0, item, byteLength, offset, bytes } : undefined;
}
