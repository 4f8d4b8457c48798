import process from 'node:process';

const kills = new Set<() => void>();

const killThem = () => kills.forEach((kill) => kill());

/**
 * Has something killed when this process ends, for whatever reason, until the function that it gives is called. However
 * many there are, the process has one listener.
 */
export function killedOnExit(kill: () => void): () => void {
  if (kills.size === 0) process.on('exit', killThem);
  kills.add(kill);
  return () => {
    kills.delete(kill);
    if (kills.size === 0) process.off('exit', killThem);
  };
}
