import type { OperatorFunction } from 'rxjs';

const reasons = new WeakMap<object, string>();

/** Stores the reason why a decoder must read each file from its start. */
export function rememberFileStart<R>(decoder: OperatorFunction<Uint8Array, R>, reason: string): void {
  reasons.set(decoder, reason);
}

/** `undefined` if the decoder can start at any record. */
export function reasonForFileStart<R>(decoder: OperatorFunction<Uint8Array, R>): string | undefined {
  return reasons.get(decoder);
}
