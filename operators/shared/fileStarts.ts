import type { OperatorFunction } from 'rxjs';
import type { Announcement } from '../../src/resume/cursor.js';

const reasons = new WeakMap<object, string>();

/** Stores the reason why a decoder must read each file from its start. */
export function rememberFileStart<R>(decoder: OperatorFunction<Uint8Array, R>, reason: string): void {
  reasons.set(decoder, reason);
}

/** Returns the reason, or `undefined` if the decoder can start at any record. */
export function reasonForFileStart<R>(decoder: OperatorFunction<Uint8Array, R>): string | undefined {
  return reasons.get(decoder);
}

const counts = new WeakMap<object, Announcement>();

/** Stores a decoder's options that decide how many records a file has. */
export function rememberCounts<R>(decoder: OperatorFunction<Uint8Array, R>, facts: Announcement): void {
  counts.set(decoder, facts);
}

/** Returns the stored options, or `undefined` if there are none. */
export function countFactsOf<R>(decoder: OperatorFunction<Uint8Array, R>): Announcement | undefined {
  return counts.get(decoder);
}

type Decoder<R> = OperatorFunction<Uint8Array, R>;

const ofFiles = new WeakMap<object, (file: { readonly path: string }) => Decoder<unknown>>();

/** Stores the fact that each file is one record. `ofFile` makes the decoder for a file whose path is known. */
export function rememberWholeFiles<R>(
  decoder: Decoder<R>,
  ofFile: (file: { readonly path: string }) => Decoder<R>,
): void {
  ofFiles.set(decoder, ofFile);
}

/** Returns the stored `ofFile`, or `undefined` if a file can have any number of records. */
export function wholeFileDecoder<R>(
  decoder: Decoder<R>,
): ((file: { readonly path: string }) => Decoder<R>) | undefined {
  return ofFiles.get(decoder) as ReturnType<typeof wholeFileDecoder<R>>;
}
