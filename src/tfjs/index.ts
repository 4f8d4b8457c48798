/**
 * Functions that connect a pipeline to TensorFlow.js. The caller passes the installed `tf`.
 *
 * @module millrace/tfjs
 */
export { evaluateDataset } from './evaluateDataset.js';
export { fitDataset } from './fitDataset.js';
export { modelFolder } from './modelFolder.js';
export type { ModelFolder, ModelTensorFlow } from './modelFolder.js';
export type { PlainValue } from './plainTensor.js';
export { tensorBoard } from './tensorBoard.js';
export type { TensorBoardCallbacks, TensorBoardOptions, TrainingLogs } from './tensorBoard.js';
export type { DatasetStats, TensorDataset, TensorIterator } from './tensorDataset.js';
export type { AnyTensor, TensorDType, TensorFlow, TensorValues } from './tensorFlow.js';
export { toDataset } from './toDataset.js';
export type { DatasetOptions, ToDatasetHookOptions, ToDatasetOptions } from './toDataset.js';
export type { TensorsOf, WideIntegers } from './toTensors.js';
