/** Returns the error to throw after a failure: the signal's reason if the signal is aborted, otherwise `error`. */
export function abortReasonOr(signal: AbortSignal | undefined, error: unknown): unknown {
  return signal?.aborted ? signal.reason : error;
}
