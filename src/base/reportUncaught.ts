/** Throws where nobody is there to catch: what is nobody's fault but a callback's. */
export function reportUncaught(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}
