/** Throws an error of a user's callback as an uncaught exception, because no caller can catch the error. */
export function reportUncaught(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}
