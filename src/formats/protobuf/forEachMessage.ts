import { LENGTH_DELIMITED, type WireReader } from './wireReader.js';

/** Calls `read` at each length-delimited field with the number `field`. Skips other fields. Stops at `end`. */
export function forEachMessage(wire: WireReader, field: number, end: number, read: (messageEnd: number) => void): void {
  while (wire.position < end) {
    const tag = wire.tag(end);
    if (tag === ((field << 3) | LENGTH_DELIMITED)) read(wire.enter(end));
    else wire.skip(tag, end);
  }
}
