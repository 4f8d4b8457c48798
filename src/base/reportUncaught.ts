/** Reports an error of a user's callback that no caller can catch. */
export function reportUncaught(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}
