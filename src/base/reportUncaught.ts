/** Throws an error of a user's callback as an uncaught exception. Used if no caller can catch the error. */
export function reportUncaught(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}
