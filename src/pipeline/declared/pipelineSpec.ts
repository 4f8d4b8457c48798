import type { Features } from '../../formats/example/features.js';
import type { RecordTensors } from '../../formats/recordProtobuf/recordProtobufParser.js';
import type { DeclaredFormat } from '../../formats/recordFormats.js';
import type { DirectoryOptions } from '../../sagemaker/directories.js';
import type { Owner } from '../lanes/globalBatchesOptions.js';
import type { CombineSpec, WorkerSpec } from './pipelineSchema.js';

/** One stage: its name and options. */
export interface StageSpec {
  readonly stage: string;
  readonly features?: Features | RecordTensors['features'] | Readonly<Record<string, string>> | number;
  readonly [option: string]: unknown;
}

/** A channel of a declared pipeline. */
export interface ChannelSpec {
  /** Default: `RecordIO`. */
  readonly recordFormat?: DeclaredFormat;
  /** The stages before the channels are combined. */
  readonly stages?: readonly StageSpec[];
  readonly [option: string]: unknown;
}

/** A declared pipeline. */
export interface PipelineSpec {
  /** The path of the JSON Schema, for editors. */
  readonly $schema?: string;
  /** The channels to read. The keys are the names of the channels in the job. */
  readonly channels: Readonly<Record<string, ChannelSpec>>;
  /** Required if there are several channels. */
  readonly combine?: CombineSpec;
  readonly stages?: readonly StageSpec[];
  /** Runs the pipeline in a worker thread, as with `inWorker`. Default: false. */
  readonly worker?: WorkerSpec;
}

export interface DeclaredPipeline {
  readonly spec: PipelineSpec;
  readonly directories: DirectoryOptions;
  readonly owner: Owner | undefined;
  /** The URLs are strings, because a URL object cannot be cloned. */
  readonly modules: Readonly<Record<string, string>>;
}
