/** Returns an error with the code of a network timeout. */
export function stalled(idleTimeoutMs: number): Error {
  return Object.assign(new Error(`no byte arrived for ${idleTimeoutMs / 1000} seconds`), { code: 'ETIMEDOUT' });
}
