import { setProperty } from '../../base/setProperty.js';
import { requireBatch } from '../../base/requireBytes.js';
import { parseOptions } from '../../base/parseOptions.js';
import type { Column, ColumnValue } from './column.js';
import { createColumn } from './createColumn.js';
import { ExampleIndex } from './exampleIndex.js';
import type { ExampleMessage } from './missingText.js';
import type { Features } from './features.js';
import type { ParsedExample, ParsedSingleExample } from './parsedFeatures.js';
import { featuresSchema } from './featureSchema.js';
import { requireFeatures } from '../protobuf/requireFeatures.js';
import { requireLittleEndian } from '../requireLittleEndian.js';

/** A parser of `tf.train.Example`s. Its methods throw a FormatError with feature and byte offset in the record. */
export interface ExampleParser<F extends Features> {
  /**
   * Parses one record, like `tf.io.parse_single_example`. For several records, {@link parseBatch} is several times
   * faster.
   */
  parseSingle(record: Uint8Array, recordIndex?: number): ParsedSingleExample<F>;
  /** Parses a batch, like `tf.io.parse_example`. Errors count records from `firstRecordIndex` (default: 0). */
  parseBatch(records: readonly Uint8Array[], firstRecordIndex?: number): ParsedExample<F>;
}

/**
 * Makes a parser that reads serialized `tf.train.Example`s into typed arrays.
 *
 * ```ts
 * import { createExampleParser, fixedLenFeature, rawFeature } from 'millrace/formats';
 *
 * const parser = createExampleParser({
 *   image: rawFeature([28, 28], 'uint8'),
 *   label: fixedLenFeature([], 'int64', { as: 'int32' }),
 * });
 *
 * function labelsOf(records: Uint8Array[]): Int32Array {
 *   return parser.parseBatch(records).label.data;
 * }
 * ```
 *
 * The results are equal to those of TensorFlow. The last entry of a repeated key is used. Features that were not
 * requested are skipped. Lists may be packed or not. Numbers are copied. Values of dtype `bytes` are views that keep
 * their records in memory. The parser keeps a few bytes for each record of its largest batch.
 *
 * @throws ConfigError if `features` is invalid or empty.
 */
export function createExampleParser<const F extends Features>(features: F): ExampleParser<F> {
  const parser = exampleParserOf('tf.train.Example', features);
  requireFeatures('parseExample', Object.keys(features).length);
  return parser;
}

export function exampleParserOf<const F extends Features>(message: ExampleMessage, features: F): ExampleParser<F> {
  requireLittleEndian();
  const keys = new Map<string, number>();
  const keyOf = (key: string) => {
    if (!keys.has(key)) keys.set(key, keys.size);
    return keys.get(key) ?? 0;
  };
  const columns = new Map<string, Column>();
  for (const [name, feature] of parseOptions('features', featuresSchema(), features, { isMap: true })) {
    columns.set(name, createColumn(name, feature, keyOf));
  }
  const index = new ExampleIndex([...keys.keys()], message);

  function parse(records: readonly Uint8Array[], firstRecordIndex: number, single: boolean) {
    try {
      index.build(records, firstRecordIndex);
      return readColumns(columns, index, single);
    } finally {
      index.clear();
    }
  }
  return {
    parseSingle: (record, recordIndex = 0) => parse([record], recordIndex, true) as ParsedSingleExample<F>,
    parseBatch: (records, firstRecordIndex = 0) => {
      requireBatch('parseBatch', records);
      return parse(records, firstRecordIndex, false) as ParsedExample<F>;
    },
  };
}

function readColumns(columns: ReadonlyMap<string, Column>, index: ExampleIndex, single: boolean) {
  const result: Record<string, ColumnValue> = {};
  for (const [name, column] of columns) setProperty(result, name, column.read(index, single));
  return result;
}
