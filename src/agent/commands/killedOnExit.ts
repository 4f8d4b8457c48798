const kills = new Set<() => void>();

const killAll = () => kills.forEach((kill) => kill());

/**
 * Calls `kill` when this process exits.
 *
 * @returns a function that removes `kill`.
 */
export function killedOnExit(kill: () => void): () => void {
  if (kills.size === 0) process.on('exit', killAll);
  kills.add(kill);
  return () => {
    kills.delete(kill);
    if (kills.size === 0) process.off('exit', killAll);
  };
}
