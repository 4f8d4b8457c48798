import { z } from 'zod';
import { isNDArray, type NDArray, type SparseArray } from '../../arrays/ndarray.js';
import type { TensorShape } from '../../arrays/tensorShape.js';
import { parseOptions } from '../../base/parseOptions.js';
import { RECORD_MAPS, type RecordDType, type RecordMap } from './recordLayout.js';
import { RecordIndex } from './recordIndex.js';
import { TensorColumn } from './tensorColumn.js';
import { requireLittleEndian } from '../requireLittleEndian.js';

/** A tensor that is asked for, and has to be in every record: its dtype, and whether it is written sparse. */
export interface RecordTensor {
  /** Default: `dense`. */
  readonly kind?: 'dense' | 'sparse' | undefined;
  readonly dtype: RecordDType;
  /**
   * The shape of each record's tensor. A vector that is written without a shape gets it if it has as many elements.
   * Default: the shape that is written; the records of a batch must agree on it.
   */
  readonly shape?: readonly number[] | undefined;
}

/** What to take from each record, by name: plain JSON. SageMaker's own name for a vector is `values`. */
export interface RecordTensors {
  readonly features: Readonly<Record<string, RecordTensor>>;
  /** Default: none. */
  readonly label?: Readonly<Record<string, RecordTensor>> | undefined;
}

/** What a tensor is parsed to. */
export type ParsedRecordTensor<T extends RecordTensor> = T extends { readonly kind: 'sparse' }
  ? SparseArray<T['dtype']>
  : NDArray<T['dtype']>;

/** What a record, or a batch of them, is parsed to. */
export interface ParsedRecord<T extends RecordTensors> {
  readonly features: { readonly [K in keyof T['features']]: ParsedRecordTensor<T['features'][K]> };
  readonly label: {
    readonly [K in keyof NonNullable<T['label']>]: ParsedRecordTensor<
      NonNullable<T['label']>[K] extends infer L extends RecordTensor ? L : never
    >;
  };
}

/** A parser of SageMaker's Records, made by {@link createRecordProtobufParser}. */
export interface RecordProtobufParser<T extends RecordTensors> {
  /**
   * Parses one record: each tensor has the shape that it is written with.
   *
   * @throws FormatError naming the tensor, with `byteOffset` within the record.
   */
  parseSingle(record: Uint8Array, recordIndex?: number): ParsedRecord<T>;
  /**
   * Parses a batch: the records are the first dimension of each tensor, whose shape they have to agree on.
   *
   * @throws FormatError naming the tensor, with `byteOffset` within the record; `recordIndex` counts from
   *   `firstRecordIndex`.
   */
  parseBatch(records: readonly Uint8Array[], firstRecordIndex?: number): ParsedRecord<T>;
}

const tensorSchema = z.strictObject({
  kind: z.enum(['dense', 'sparse']).default('dense'),
  dtype: z.enum(['float32', 'float64', 'int32', 'bytes']),
  shape: z.array(z.int().nonnegative()).optional(),
});
const tensorsSchema = z.record(
  z.string(),
  tensorSchema.refine(({ kind, dtype }) => kind === 'dense' || dtype !== 'bytes', {
    path: ['kind'],
    error: 'bytes are never sparse',
  }),
);
/** The schema of {@link RecordTensors}. */
export const recordTensorsSchema = z.strictObject({ features: tensorsSchema, label: tensorsSchema.default({}) });

/**
 * Makes a parser of SageMaker's `application/x-recordio-protobuf`: the Record that stands in each RecordIO record.
 *
 * ```ts
 * import { createRecordProtobufParser } from 'millrace/formats';
 *
 * const parser = createRecordProtobufParser({
 *   features: { values: { dtype: 'float32' } },
 *   label: { values: { dtype: 'float32' } },
 * });
 *
 * const shapeOf = (records: Uint8Array[]) => parser.parseBatch(records).features.values.shape; // [records, features]
 * ```
 *
 * A dense tensor is an array of the shape that it is written with, else a vector; so a label is of shape `[1]`. A sparse
 * one is a SparseArray, its values in the order written. `bytes` are a vector of views on the record. Numbers are copied
 * once, into the batch's array. Names that are not asked for are skipped, as are `uid`, `metadata` and `configuration`.
 *
 * @throws ConfigError where `tensors` is not valid; a path such as `features.values.dtype` leads to the fault.
 * @see {@link https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-training.html | Common data formats for training}
 */
export function createRecordProtobufParser<const T extends RecordTensors>(tensors: T): RecordProtobufParser<T> {
  requireLittleEndian();
  const request = parseOptions('parseRecordProtobuf', recordTensorsSchema, tensors);
  const maps = Object.keys(RECORD_MAPS) as RecordMap[];
  const names = { features: Object.keys(request.features), label: Object.keys(request.label) };
  const index = new RecordIndex(names);
  const columns = maps.map((map) =>
    Object.entries(request[map]).map(([name, { kind, dtype, shape }], key) => {
      return [name, new TensorColumn({ map, name, key, kind, dtype, shape })] as const;
    }),
  );

  function parse(records: readonly Uint8Array[], firstRecordIndex: number, single: boolean): unknown {
    try {
      index.build(records, firstRecordIndex);
      const read = (ofMap: (typeof columns)[number]) =>
        Object.fromEntries(ofMap.map(([name, column]) => [name, column.read(index, records.length, single)]));
      return Object.fromEntries(maps.map((map, at) => [map, read(columns[at] ?? [])]));
    } finally {
      index.build([], 0);
    }
  }
  return {
    parseSingle: (record, recordIndex = 0) => parse([record], recordIndex, true) as ParsedRecord<T>,
    parseBatch: (records, firstRecordIndex = 0) => parse(records, firstRecordIndex, false) as ParsedRecord<T>,
  };
}

/** Returns the shape of each tensor in a parsed batch, without the batch's dimension. */
export function shapesOfRecords({ features, label }: ParsedRecord<RecordTensors>): TensorShape[] {
  return Object.entries({ features, label }).flatMap(([map, tensors]) =>
    Object.entries<NDArray | SparseArray>(tensors).map(([name, tensor]) => {
      const [, ...shape] = isNDArray(tensor) ? tensor.shape : tensor.denseShape;
      return { path: `${map}.${name}`, shape };
    }),
  );
}
