export type { BadRecordChoice, BadRecordCounts, BadRecordOptions } from './core/badRecords.js';
export type { PaddedShape, PaddedShapes, PaddingOptions, PaddingValues } from './core/createPadder.js';
export type { Cursor, InputCursor } from './core/cursor.js';
export { loadCursor, saveCursor } from './core/cursorFile.js';
export { MILLRACE_ERROR_CODES } from './core/errors.js';
export { ChannelError, ConfigError, FormatError, MillraceError, ShapeError, ValueError } from './core/errors.js';
export type {
  ChannelErrorCode,
  ChannelErrorOptions,
  FormatErrorCode,
  FormatErrorKind,
  FormatErrorOptions,
  MillraceErrorCode,
  MillraceErrorOptions,
  ShapeErrorOptions,
} from './core/errors.js';
export type { MeterFigures } from './core/meter.js';
export { isNDArray, ndarray } from './core/ndarray.js';
export type { DataOf, DType, NDArray, RaggedArray, SparseArray } from './core/ndarray.js';
export { oneHot } from './core/oneHot.js';
export type { OverrunPolicy } from './core/overrun.js';
export type { PaddingValue } from './core/padToShape.js';
export { formatReport } from './core/report/formatReport.js';
export type { PipelineReport, QueueReport, StageReport } from './core/report/pipelineReport.js';
export type { Verdict } from './core/report/verdict.js';
export { scale } from './core/scale.js';
export { stack } from './core/stack.js';
export type { Batched } from './core/stack.js';
export { toAsyncIterable } from './core/toAsyncIterable.js';
export type { ToAsyncIterableOptions } from './core/toAsyncIterable.js';
export type { Unbatched } from './core/unstack.js';
export type { MillraceWarningCode } from './core/warn.js';
export { definePipeline } from './pipeline/definePipeline.js';
export type { ChannelSpec, DefinePipelineOptions, PipelineSpec, StageSpec } from './pipeline/definePipeline.js';
export type { FileOptions } from './pipeline/fileRecords.js';
export type { Modules } from './pipeline/mapInWorkersStage.js';
export { pipelineJsonSchema } from './pipeline/pipelineJsonSchema.js';
export type { PipelineResult } from './pipeline/pipelineResult.js';
export type { CombineSpec, WorkerSpec } from './pipeline/pipelineSchema.js';
export { pipeModeDataset } from './pipeline/pipeModeDataset.js';
export type { PipeModeDatasetOptions } from './pipeline/pipeModeDataset.js';
export type { RecordDecoder, RecordFormat, RecordsOf } from './pipeline/recordFormat.js';
export { records } from './pipeline/records.js';
export type { RecordsOptions } from './pipeline/records.js';
export { recordsFromFiles } from './pipeline/recordsFromFiles.js';
export type { RecordsFromFilesOptions } from './pipeline/recordsFromFiles.js';
export { defineStage } from './pipeline/stage.js';
export type { StageDefinition } from './pipeline/stage.js';
export type { DirectoryOptions } from './sagemaker/directories.js';
export type { InputDataConfig } from './sagemaker/inputDataConfig.js';
export { shardOfHost } from './sagemaker/shardOfHost.js';
export type { Shard } from './sagemaker/shardOfHost.js';
export { trainingJob } from './sagemaker/trainingJob.js';
export type { TrainingJob, TrainingJobOptions } from './sagemaker/trainingJob.js';
export { channel } from './sources/channel.js';
export type { ChannelOptions } from './sources/channel.js';
export type { FifoOptions } from './sources/fifoOptions.js';
export { fromAsyncIterable } from './sources/fromAsyncIterable.js';
export { fromFifo } from './sources/fromFifo.js';
export { fromFile } from './sources/fromFile.js';
export type { FromFileOptions } from './sources/fromFile.js';
export { fromIterable } from './sources/fromIterable.js';
export { fromReadable } from './sources/fromReadable.js';
export type { FromReadableOptions } from './sources/fromReadable.js';
export { inWorker } from './sources/inWorker.js';
export type { InWorkerOptions, ItemsOf, WorkerObservable } from './sources/inWorker.js';
export type { WebStream, WebStreamReader } from './sources/streamPuller.js';
export type { MovePolicy } from './workers/protocol.js';
export type { WorkerOptions } from './workers/workerFields.js';
