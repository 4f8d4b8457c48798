import { FormatError } from '../../base/errors.js';
import { LENGTH_DELIMITED, WireReader } from './wireReader.js';

/** Returns the texts at a path of field numbers, such as the keys of a map. Stops at invalid bytes. */
export function messageKeys(message: Uint8Array, path: readonly number[]): string[] {
  const wire = new WireReader();
  const keys: string[] = [];
  const read = (depth: number, end: number): void => {
    while (wire.position < end) {
      const tag = wire.tag(end);
      if (tag !== (((path[depth] ?? 0) << 3) | LENGTH_DELIMITED)) wire.skip(tag, end);
      else if (depth < path.length - 1) read(depth + 1, wire.enter(end));
      else keys.push(Buffer.from(wire.take(wire.enter(end))).toString('utf8'));
    }
  };
  wire.open(message, 0);
  try {
    read(0, message.length);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
  return keys;
}
