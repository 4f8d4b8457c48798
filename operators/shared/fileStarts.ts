import type { OperatorFunction } from 'rxjs';

const reasons = new WeakMap<object, string>();

/** Notes why a decoder has to be subscribed where a file begins. */
export function rememberFileStart<R>(decoder: OperatorFunction<Uint8Array, R>, reason: string): void {
  reasons.set(decoder, reason);
}

/** Returns why a decoder has to be subscribed where a file begins; `undefined` if it may begin at any record. */
export function reasonForFileStart<R>(decoder: OperatorFunction<Uint8Array, R>): string | undefined {
  return reasons.get(decoder);
}
