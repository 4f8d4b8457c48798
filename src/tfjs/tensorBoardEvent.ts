import { BinaryWriter } from '@bufbuild/protobuf/wire';

/*
 * message Event { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; }
 * message Summary { repeated Value value = 1; }
 * message Value { string tag = 1; float simple_value = 2; }
 *
 * https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/event.proto
 * https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/framework/summary.proto
 */
const WALL_TIME = (1 << 3) | 1;
const STEP = 2 << 3;
const FILE_VERSION = (3 << 3) | 2;
const SUMMARY = (5 << 3) | 2;
const VALUE = (1 << 3) | 2;
const TAG = (1 << 3) | 2;
const SIMPLE_VALUE = (2 << 3) | 5;

/** @param wallTime - the time in seconds since 1970. */
export function encodeVersion(wallTime: number): Uint8Array {
  const writer = new BinaryWriter();
  return writer.uint32(WALL_TIME).double(wallTime).uint32(FILE_VERSION).string('brain.Event:2').finish();
}

/** @param wallTime - the time in seconds since 1970. */
export function encodeScalars(wallTime: number, step: number, scalars: Readonly<Record<string, number>>): Uint8Array {
  const writer = new BinaryWriter();
  writer.uint32(WALL_TIME).double(wallTime).uint32(STEP).int64(step).uint32(SUMMARY).fork();
  for (const [tag, value] of Object.entries(scalars)) {
    writer.uint32(VALUE).fork();
    // `float` rejects numbers outside the range of float32.
    writer.uint32(TAG).string(tag).uint32(SIMPLE_VALUE).float(Math.fround(value)).join();
  }
  return writer.join().finish();
}
