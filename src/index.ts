/**
 * Sources, async iteration, declared pipelines, the training job, {@link NDArray} and the errors.
 *
 * @module millrace
 */
export type { BadRecordChoice, BadRecordCounts, BadRecordOptions } from '../operators/shared/badRecords.js';
export type { PaddedShape, PaddedShapes, PaddingOptions, PaddingValues } from './arrays/createPadder.js';
export type { Cursor, InputCursor, WorkerCursor } from './resume/cursor.js';
export { loadCursor, saveCursor } from './resume/cursorFile.js';
export { MILLRACE_ERROR_CODES } from './base/errors.js';
export { ChannelError, ConfigError, FormatError, MillraceError, ShapeError, ValueError } from './base/errors.js';
export type {
  ChannelErrorCode,
  ChannelErrorOptions,
  FormatErrorCode,
  FormatErrorKind,
  FormatErrorOptions,
  MillraceErrorCode,
  MillraceErrorOptions,
  ShapeErrorOptions,
} from './base/errors.js';
export type {
  ImageLabelOptions,
  LabelledImage,
  WholeFile,
  WholeFileOptions,
} from './formats/wholeFile/wholeFileFormat.js';
export type { RecordFormat, WritableRecordFormat } from './formats/recordFormats.js';
export type { MeterFigures } from './report/meter.js';
export { columnsToMatrix } from './arrays/columnsToMatrix.js';
export { isNDArray, ndarray } from './arrays/ndarray.js';
export type { DataOf, DType, NDArray, NestedRaggedArray, RaggedArray, SparseArray } from './arrays/ndarray.js';
export { oneHot } from './arrays/oneHot.js';
export type { OverrunPolicy } from './demand/overrun.js';
export type { PaddingValue } from './arrays/padToShape.js';
export { formatReport } from './report/formatReport.js';
export type { PipelineReport, QueueReport, StageReport, ThreadReport } from './report/reportTypes.js';
export type { Verdict } from './report/reportTypes.js';
export { randomFromSeed } from './base/seededRandom.js';
export { scale } from './arrays/scale.js';
export { stack } from './arrays/stack.js';
export type { Batched } from './arrays/stack.js';
export { stringLookup } from './arrays/stringLookup.js';
export type { LookupDType, StringLookup, StringLookupOptions } from './arrays/stringLookup.js';
export type { Texts } from './arrays/texts.js';
export { toDense } from './arrays/toDense.js';
export type { ToDenseOptions } from './arrays/toDense.js';
export { toDenseSparse } from './arrays/toDenseSparse.js';
export type { ToDenseSparseOptions } from './arrays/toDenseSparse.js';
export { toAsyncIterable } from './consumers/toAsyncIterable.js';
export type { ToAsyncIterableOptions } from './consumers/toAsyncIterable.js';
export { vocabularyOf } from './consumers/vocabularyOf.js';
export type { VocabularyOptions } from './consumers/vocabularyOf.js';
export type { Unbatched } from './arrays/unstack.js';
export type { MillraceWarningCode } from './base/warn.js';
export { hostOf } from './hosts/hostOf.js';
export type { Host, HostOptions, Scheduler } from './hosts/hostOf.js';
export { globalBatches } from './pipeline/lanes/globalBatches.js';
export type { GlobalBatchesOptions } from './pipeline/lanes/globalBatchesOptions.js';
export { indexRecords } from './pipeline/lanes/indexRecords.js';
export type { IndexProgress, IndexRecordsOptions } from './pipeline/lanes/indexRecords.js';
export type { DatasetIndex, IndexedFile } from './pipeline/lanes/datasetIndex.js';
export { definePipeline } from './pipeline/declared/definePipeline.js';
export type { ChannelSpec, PipelineSpec, StageSpec } from './pipeline/declared/pipelineSpec.js';
export type { DefinePipelineOptions } from './pipeline/declared/definePipeline.js';
export type { FileCompression } from './pipeline/records/decompressed.js';
export type { FileOptions } from './pipeline/records/fileRecords.js';
export type { Modules } from './pipeline/declared/mapInWorkersStage.js';
export { pipelineJsonSchema } from './pipeline/declared/pipelineJsonSchema.js';
export type { PipelineResult } from './pipeline/declared/pipelineResult.js';
export type { CombineSpec, WorkerSpec } from './pipeline/declared/pipelineSchema.js';
export { imageFolder } from './pipeline/records/imageFolder.js';
export type { ImageFolder, ImageFolderOptions } from './pipeline/records/imageFolder.js';
export { pipeModeDataset } from './pipeline/records/pipeModeDataset.js';
export type { PipeModeDatasetOptions } from './pipeline/records/pipeModeDataset.js';
export type { RecordDecoder, RecordsOf } from './pipeline/records/recordFormat.js';
export { records } from './pipeline/records/records.js';
export type { RecordsOptions } from './pipeline/records/records.js';
export { recordsFromFiles } from './pipeline/records/recordsFromFiles.js';
export type { RecordsFromFilesOptions } from './pipeline/records/recordsFromFiles.js';
export { defineStage } from './pipeline/declared/stageDefinition.js';
export type { StageDefinition } from './pipeline/declared/stageDefinition.js';
export type { DirectoryOptions } from './sagemaker/directories.js';
export type { InputDataConfig } from './sagemaker/inputDataConfig.js';
export { shardOfHost } from './sagemaker/shardOfHost.js';
export type { Shard } from './sagemaker/shardOfHost.js';
export { trainingJob } from './sagemaker/trainingJob.js';
export type { TrainingJob, TrainingJobOptions } from './sagemaker/trainingJob.js';
export { channel } from './sources/channel.js';
export type { ChannelOptions } from './sources/channel.js';
export type { FifoOptions } from './sources/fifo/fifoOptions.js';
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
export type { MovePolicy, WorkerPlace } from './workers/crossing/protocol.js';
export type { WorkerOptions } from './workers/host/workerFields.js';
export type { Manifest, ManifestFile } from './sinks/manifest.js';
export type { RecordEncoder } from './sinks/recordBlocks.js';
export { writeRecords } from './sinks/writeRecords.js';
export type { RecordFormatFor, WriteRecordsOptions } from './sinks/writeRecords.js';
export { fileStore } from './stores/fileStore.js';
export { httpStore } from './stores/httpStore.js';
export type { HttpStoreOptions } from './stores/httpStore.js';
export type {
  ObjectWriter,
  Store,
  StoreCreateOptions,
  StoredObject,
  StoreReadOptions,
  StoreRequestOptions,
  WritableStore,
} from './stores/store.js';
export { storeBytes } from './stores/storeBytes.js';
export type { StoreBytesOptions, StoreReadingOptions } from './stores/storeBytes.js';
export type { StoreRetryOptions } from './stores/storeRetry.js';
