import { ndarray, type NDArray } from '../../arrays/ndarray.js';
import { ConfigError, FormatError } from '../../base/errors.js';
import { requireBytes, requireRecord } from '../../base/requireBytes.js';
import { decodeRaw } from '../decodeRaw.js';

/** A record of MXNet's im2rec. */
export interface ImageRecord {
  /** The image file, as a view on the record. */
  readonly image: Uint8Array;
  /** One label of shape `[]`, or several of shape `[labels]`. */
  readonly label: NDArray<'float32'>;
  /** The lower 64 bits of the id. */
  readonly id: bigint;
}

/*
 * The header, little endian                                 https://mxnet.apache.org/versions/1.9.1/api/python/docs/api/mxnet/recordio/
 *   0   4         flag: the number of labels after the header; 0 means one label in the header
 *   4   4         float32 label, if the flag is 0
 *   8   8         id
 *   16  8         id2: the upper 64 bits of the id
 *   24  4 * flag  float32 labels
 *   …             the image file
 */
const LABEL_AT = 4;
const ID_AT = 8;
const HEADER_BYTES = 24;

/** Labels are copied. */
export function readImageRecord(record: Uint8Array, recordIndex: number): ImageRecord {
  requireRecord('parseImageRecord', record, recordIndex);
  const { buffer, byteOffset, length } = record;
  const view = new DataView(buffer, byteOffset, length);
  const labels = length < HEADER_BYTES ? 0 : view.getUint32(0, true);
  const imageAt = HEADER_BYTES + 4 * labels;
  if (imageAt > length) {
    const message = `expected a header of im2rec and ${labels} labels (${imageAt} bytes), found ${length} bytes`;
    throw new FormatError(message, { kind: 'truncated', format: 'im2rec', byteOffset: length, recordIndex });
  }
  const label =
    labels > 0
      ? decodeRaw(record.subarray(HEADER_BYTES, imageAt), 'float32')
      : ndarray('float32', [], Float32Array.of(view.getFloat32(LABEL_AT, true)));
  return { image: record.subarray(imageAt), label, id: view.getBigUint64(ID_AT, true) };
}

/**
 * Encodes a record like MXNet's `mx.recordio.pack`, without the RecordIO frame. Labels become float32.
 *
 * @throws ConfigError if an argument is invalid, or if there is no label.
 */
export function encodeImageRecord(image: Uint8Array, label: number | readonly number[], id = 0n): Uint8Array {
  requireBytes('encodeImageRecord', image, { path: 'image' });
  const labels = [label].flat();
  if (labels.length === 0 || labels.some((each: unknown) => typeof each !== 'number')) fail('label', 'numbers');
  if (typeof id !== 'bigint' || BigInt.asUintN(64, id) !== id) fail('id', 'a bigint from 0 to 2^64 - 1');
  const flag = Array.isArray(label) ? labels.length : 0;
  const record = new Uint8Array(HEADER_BYTES + 4 * flag + image.length);
  const view = new DataView(record.buffer);
  view.setUint32(0, flag, true);
  view.setBigUint64(ID_AT, id, true);
  for (const [at, each] of labels.entries()) view.setFloat32((flag > 0 ? HEADER_BYTES : LABEL_AT) + 4 * at, each, true);
  record.set(image, HEADER_BYTES + 4 * flag);
  return record;
}

function fail(path: string, expected: string): never {
  throw new ConfigError(`encodeImageRecord: ${path}: expected ${expected}`, { path });
}
