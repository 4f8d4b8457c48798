/*
 * One record, little endian:
 *
 *   offset       bytes  what
 *   0            8      length
 *   8            4      masked CRC-32C of the length's 8 bytes
 *   12           length payload
 *   12 + length  4      masked CRC-32C of the payload
 *
 * https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 */
export const LENGTH_BYTES = 8;
export const HEADER_BYTES = 12;
export const FOOTER_BYTES = 4;
