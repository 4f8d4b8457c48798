import type { Features } from '../../formats/example/features.js';
import type { RecordTensors } from '../../formats/recordProtobuf/recordProtobufParser.js';
import type { RecordFormat } from '../../formats/recordFormats.js';
import type { DirectoryOptions } from '../../sagemaker/directories.js';
import type { CombineSpec, WorkerSpec } from './pipelineSchema.js';

/** One stage of a declared pipeline: its kind, and its options. */
export interface StageSpec {
  readonly stage: string;
  readonly features?: Features | RecordTensors['features'] | Readonly<Record<string, string>>;
  readonly [option: string]: unknown;
}

/** One channel of a declared pipeline. */
export interface ChannelSpec {
  /** Default: `RecordIO`. */
  readonly recordFormat?: RecordFormat;
  /** The stages of this channel alone, before it is combined with the others. */
  readonly stages?: readonly StageSpec[];
  readonly [option: string]: unknown;
}

/** A pipeline, as JSON declares it. */
export interface PipelineSpec {
  /** For editors: where the JSON Schema stands. */
  readonly $schema?: string;
  /** What is read, by the channels' names in the job. */
  readonly channels: Readonly<Record<string, ChannelSpec>>;
  /** How several channels become one stream. */
  readonly combine?: CombineSpec;
  /** What becomes of the records, in order. */
  readonly stages?: readonly StageSpec[];
  /** Whether all of it runs in a worker thread, and how much of it may be made ahead: see `inWorker`. Default: false. */
  readonly worker?: WorkerSpec;
}

/** What the worker of a declared pipeline is given. */
export interface DeclaredPipeline {
  readonly spec: PipelineSpec;
  readonly directories: DirectoryOptions;
  /** The modules that it may name: a URL cannot be cloned. */
  readonly modules: Readonly<Record<string, string>>;
}
