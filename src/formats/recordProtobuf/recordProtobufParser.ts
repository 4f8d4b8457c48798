import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { isNDArray, type NDArray, type SparseArray } from '../../arrays/ndarray.js';
import type { TensorShape } from '../../arrays/tensorShape.js';
import { requireBatch } from '../../base/requireBytes.js';
import { parseOptions } from '../../base/parseOptions.js';
import { RECORD_MAPS, type RecordDType, type RecordMap } from './recordLayout.js';
import { RecordIndex } from './recordIndex.js';
import { TensorColumn } from './tensorColumn.js';
import { requireFeatures } from '../protobuf/requireFeatures.js';
import { requireLittleEndian } from '../requireLittleEndian.js';

/** A tensor that every record must have. */
export interface RecordTensor {
  /** The form of the stored tensor. Default: `dense`. */
  readonly kind?: 'dense' | 'sparse' | undefined;
  readonly dtype: RecordDType;
  /**
   * The shape in each record. A tensor stored without a shape gets this shape if the number of elements matches.
   * Default: the stored shape. All records of a batch must have the same shape.
   */
  readonly shape?: readonly number[] | undefined;
}

/** The tensors to read, by name. Can be plain JSON. SageMaker names a vector `values`. */
export interface RecordTensors {
  readonly features: Readonly<Record<string, RecordTensor>>;
  /** The tensors of the label. Default: none. */
  readonly label?: Readonly<Record<string, RecordTensor>> | undefined;
}

/** The parsed type of a tensor. */
export type ParsedRecordTensor<T extends RecordTensor> = T extends { readonly kind: 'sparse' }
  ? SparseArray<T['dtype']>
  : NDArray<T['dtype']>;

/** The parsed type of a record or a batch. */
export interface ParsedRecord<T extends RecordTensors> {
  readonly features: { readonly [K in keyof T['features']]: ParsedRecordTensor<T['features'][K]> };
  readonly label: {
    readonly [K in keyof NonNullable<T['label']>]: ParsedRecordTensor<
      NonNullable<T['label']>[K] extends infer L extends RecordTensor ? L : never
    >;
  };
}

/**
 * A parser of SageMaker's Records. Its methods throw a FormatError with the tensor's name and the byte offset in the
 * record.
 */
export interface RecordProtobufParser<T extends RecordTensors> {
  /** Parses one record. Each tensor has its stored shape. */
  parseSingle(record: Uint8Array, recordIndex?: number): ParsedRecord<T>;
  /**
   * Parses records of equal shapes to arrays of shape `[records.length, …]`. Errors count records from
   * `firstRecordIndex` (default: 0).
   */
  parseBatch(records: readonly Uint8Array[], firstRecordIndex?: number): ParsedRecord<T>;
}

const tensorSchema = lazy(() =>
  z.strictObject({
    kind: z
      .enum(['dense', 'sparse'])
      .default('dense')
      .describe('The form of the tensor in the record: "dense" or "sparse". Default: "dense".'),
    dtype: z.enum(['float32', 'float64', 'int32', 'bytes']).describe('The dtype of the tensor.'),
    shape: z
      .array(z.int().nonnegative())
      .optional()
      .describe('The shape of the tensor in each record. Default: the shape that the record contains.'),
  }),
);
const tensorsSchema = lazy(() =>
  z.record(
    z.string(),
    tensorSchema().refine(({ kind, dtype }) => kind === 'dense' || dtype !== 'bytes', {
      path: ['kind'],
      error: 'expected dense, because tensors of bytes are never sparse',
    }),
  ),
);
export const recordTensorsSchema = lazy(() =>
  z.strictObject({
    features: tensorsSchema().describe(
      'The tensors to read from the features of a record. Each key is the name of a tensor.',
    ),
    label: tensorsSchema()
      .default({})
      .describe('The tensors to read from the label of a record. Each key is the name of a tensor.'),
  }),
);

/**
 * Makes a parser of the Records in SageMaker's `application/x-recordio-protobuf`.
 *
 * ```ts
 * import { createRecordProtobufParser } from 'millrace/formats';
 *
 * const parser = createRecordProtobufParser({ features: { values: { dtype: 'float32' } } });
 * const shapeOf = (records: Uint8Array[]) => parser.parseBatch(records).features.values.shape; // [records, features]
 * ```
 *
 * Returns the same arrays as the operator `parseRecordProtobuf`. Tensors that were not requested are skipped.
 *
 * @throws ConfigError if `tensors` is invalid, or names no tensor.
 */
export function createRecordProtobufParser<const T extends RecordTensors>(tensors: T): RecordProtobufParser<T> {
  requireLittleEndian();
  const request = parseOptions('parseRecordProtobuf', recordTensorsSchema(), tensors);
  const maps = Object.keys(RECORD_MAPS) as RecordMap[];
  const names = { features: Object.keys(request.features), label: Object.keys(request.label) };
  requireFeatures('parseRecordProtobuf', names.features.length + names.label.length);
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
    parseBatch: (records, firstRecordIndex = 0) => {
      requireBatch('parseBatch', records);
      return parse(records, firstRecordIndex, false) as ParsedRecord<T>;
    },
  };
}

export function shapesOfRecords({ features, label }: ParsedRecord<RecordTensors>): TensorShape[] {
  return Object.entries({ features, label }).flatMap(([map, tensors]) =>
    Object.entries<NDArray | SparseArray>(tensors).map(([name, tensor]) => {
      const [, ...shape] = isNDArray(tensor) ? tensor.shape : tensor.denseShape;
      return { path: `${map}.${name}`, shape };
    }),
  );
}
