import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import { ENTRY_KEY, ENTRY_VALUE } from './mapEntry.js';
import { LENGTH_DELIMITED } from './wireReader.js';

export function tagOf(field: number): number {
  return (field << 3) | LENGTH_DELIMITED;
}

export function writeMapEntry(writer: BinaryWriter, field: number, name: string, writeValue: () => void): void {
  writer.uint32(tagOf(field)).fork();
  writer.uint32(tagOf(ENTRY_KEY)).string(name);
  writer.uint32(tagOf(ENTRY_VALUE)).fork();
  writeValue();
  writer.join().join();
}
