import { LENGTH_DELIMITED, type WireReader } from './wireReader.js';

/*
 * A map is a repeated field of entries:
 *
 *   message Entry { key_type key = 1; value_type value = 2; }     // here a key is a string, and a value a message
 *
 * The fields are in any order. A missing key is ''. A missing value is an empty message. Of several keys or values, the
 * last is used.
 *
 * https://protobuf.dev/programming-guides/encoding/#maps
 */
export const ENTRY_KEY = 1;
export const ENTRY_VALUE = 2;
const KEY_TAG = (ENTRY_KEY << 3) | LENGTH_DELIMITED;
const VALUE_TAG = (ENTRY_VALUE << 3) | LENGTH_DELIMITED;

export class MapEntry {
  keyStart = 0;
  keyEnd = 0;
  valueStart = 0;
  valueEnd = 0;
  /** The number of the first field that is neither the key nor the value. */
  unknownField: number | undefined;

  read(wire: WireReader, end: number): void {
    this.keyStart = this.keyEnd = this.valueStart = this.valueEnd = end;
    this.unknownField = undefined;
    while (wire.position < end) {
      const tag = wire.tag(end);
      if (tag === KEY_TAG) {
        this.keyEnd = wire.enter(end);
        this.keyStart = wire.position;
        wire.position = this.keyEnd;
      } else if (tag === VALUE_TAG) {
        this.valueEnd = wire.enter(end);
        this.valueStart = wire.position;
        wire.position = this.valueEnd;
      } else {
        this.unknownField ??= tag >>> 3;
        wire.skip(tag, end);
      }
    }
  }
}
