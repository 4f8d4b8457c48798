/** Makes an error of a user's callback an uncaught exception if no caller can catch it. */
export function reportUncaught(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}
