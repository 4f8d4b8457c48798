import type { Attributes, CombinedAttributes } from '../../../operators/combineAttributes.js';
import type { WithImage } from '../../../operators/decodeImage.js';
import type { ParsedLibsvm } from '../../../operators/decodeLibsvm.js';
import type { TimeSeries } from '../../../operators/timeSeries.js';
import type { DType, NDArray, NestedRaggedArray, RaggedArray, SparseArray } from '../../arrays/ndarray.js';
import type { Batched } from '../../arrays/stack.js';
import type { LookupDType } from '../../arrays/stringLookup.js';
import type { Unbatched } from '../../arrays/unstack.js';
import type { CsvColumns, ParsedCsv } from '../../formats/csv/csvParser.js';
import type { ImageRecord } from '../../formats/imageRecord/imageRecord.js';
import type { Features } from '../../formats/example/features.js';
import type { ParsedExample, ParsedSingleExample } from '../../formats/example/parsedFeatures.js';
import type { DeclaredFormat, DeclaredTypes, DEFAULT_FORMAT } from '../../formats/recordFormats.js';
import type { ParsedRecord, RecordTensors } from '../../formats/recordProtobuf/recordProtobufParser.js';
import type {
  ExampleListFeatures,
  ParsedExampleList,
  ParsedExampleLists,
} from '../../formats/example/parsedExampleLists.js';
import type { ParsedSequenceExample, ParsedSequenceExamples } from '../../formats/example/parsedSequences.js';
import type { SequenceFeatures } from '../../formats/example/parsedSequences.js';

interface SpecShape {
  readonly channels: Readonly<Record<string, unknown>>;
  readonly combine?: unknown;
  readonly stages?: readonly unknown[] | undefined;
}

type StageOf<S> = S extends { readonly stage: infer N } ? N : never;

type Update<In, S, D extends DType = 'float32'> = S extends { readonly feature: infer K }
  ? { [P in keyof In]: P extends K ? NDArray<D> : In[P] }
  : unknown;

type LookupDTypeOf<S> = S extends { readonly dtype: infer D extends LookupDType } ? D : 'int32';

type Dense<In, S> = S extends { readonly feature: infer K }
  ? { [P in keyof In]: P extends K ? DenseOf<In[P]> : In[P] }
  : unknown;

type DenseOf<T> = T extends RaggedArray<infer D> | NestedRaggedArray<infer D> | SparseArray<infer D>
  ? NDArray<D>
  : NDArray;

type Select<In, S> = S extends { readonly features: infer F }
  ? { -readonly [K in keyof F]: F[K] extends keyof In ? In[F[K]] : unknown }
  : unknown;

interface StageResults<In, S> {
  shuffle: In;
  prefetch: In;
  repeat: In;
  take: In;
  skip: In;
  cache: In;
  snapshot: In;
  shard: In;
  split: In;
  rejectionResample: In;
  rebatch: In;
  assertCardinality: In;
  monitor: In;
  batch: Batched<In>;
  paddedBatch: Batched<In>;
  window: Batched<In>;
  timeSeries: TimeSeries<In, S>;
  groupByWindow: Batched<In>;
  unbatch: unknown extends In ? unknown : Unbatched<In>;
  parseExample: S extends { readonly features: infer F extends Features } ? ParsedExample<F> : unknown;
  parseSingleExample: S extends { readonly features: infer F extends Features } ? ParsedSingleExample<F> : unknown;
  parseSequenceExample: unknown extends In
    ? unknown
    : S extends SequenceFeatures
      ? In extends readonly unknown[]
        ? ParsedSequenceExamples<S>
        : ParsedSequenceExample<S>
      : unknown;
  parseExampleList: unknown extends In
    ? unknown
    : S extends ExampleListFeatures
      ? In extends readonly unknown[]
        ? ParsedExampleLists<S>
        : ParsedExampleList<S>
      : unknown;
  parseRecordProtobuf: S extends RecordTensors ? ParsedRecord<S> : unknown;
  parseImageRecord: ImageRecord;
  decodeCsv: S extends { readonly recordDefaults: infer C extends CsvColumns } ? ParsedCsv<C> : unknown;
  decodeJson: unknown extends In
    ? unknown
    : S extends { readonly features: infer F extends Features }
      ? In extends readonly unknown[]
        ? ParsedExample<F>
        : ParsedSingleExample<F>
      : unknown;
  decodeLibsvm: ParsedLibsvm<S>;
  decodeImage: S extends { readonly feature: infer F extends string } ? WithImage<In, F> : NDArray<'uint8'>;
  combineAttributes: S extends { readonly attributes: infer A extends Attributes } ? CombinedAttributes<A> : unknown;
  scale: Update<In, S>;
  oneHot: Update<In, S>;
  stringLookup: Update<In, S, LookupDTypeOf<S>>;
  toDense: Dense<In, S>;
  toDenseSparse: Dense<In, S>;
  select: Select<In, S>;
}

type Staged<In, S> = StageOf<S> extends keyof StageResults<In, S> ? StageResults<In, S>[StageOf<S>] : unknown;

type AllStaged<In, S> = S extends readonly [infer First, ...infer Others]
  ? AllStaged<Staged<In, First>, Others>
  : S extends readonly []
    ? In
    : S extends readonly unknown[]
      ? unknown
      : In;

type StagesOf<S> = S extends { readonly stages: infer Stages } ? Stages : [];

/** Rows of Parquet files are always in tables. */
type ItemOf<C> = C extends { readonly recordFormat: 'Parquet' }
  ? RecordOf<C>
  : C extends { readonly globalBatches: object }
    ? RecordOf<C>[]
    : RecordOf<C>;

type RecordOf<C> = C extends { readonly recordFormat: infer F extends DeclaredFormat }
  ? DeclaredTypes<C>[F]
  : DeclaredTypes<C>[typeof DEFAULT_FORMAT];

type ChannelItems<C> = { -readonly [K in keyof C]: AllStaged<ItemOf<C[K]>, StagesOf<C[K]>> };

type Combined<S extends SpecShape> = S extends { readonly combine: { readonly how: 'zip' } }
  ? ChannelItems<S['channels']>
  : ChannelItems<S['channels']>[keyof S['channels']];

/**
 * The item type of a declared pipeline. The type is `unknown` after a custom stage, or if the declaration is not a
 * literal.
 */
export type PipelineResult<S extends SpecShape> = AllStaged<Combined<S>, StagesOf<S>>;
