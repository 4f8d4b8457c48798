/** Returns the error of a server that sends nothing. Its code is that of a timeout of the network. */
export function stalled(idleTimeoutMs: number): Error {
  return Object.assign(new Error(`no byte arrived for ${idleTimeoutMs / 1000} seconds`), { code: 'ETIMEDOUT' });
}
