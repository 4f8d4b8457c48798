import process from 'node:process';

const kills = new Set<() => void>();

const killAll = () => kills.forEach((kill) => kill());

/**
 * All calls share one exit listener.
 *
 * @returns a function to call if `kill` is no longer needed.
 */
export function killedOnExit(kill: () => void): () => void {
  if (kills.size === 0) process.on('exit', killAll);
  kills.add(kill);
  return () => {
    kills.delete(kill);
    if (kills.size === 0) process.off('exit', killAll);
  };
}
