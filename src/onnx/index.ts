/**
 * Functions that connect a pipeline to ONNX Runtime. The caller passes the installed `ort`.
 *
 * @module millrace/onnx
 */
export { fromOrtTensors } from './fromOrtTensors.js';
export type { OnnxRuntime, OrtData, OrtDType, OrtTensor } from './ortTensor.js';
export { toOrtTensors } from './toOrtTensors.js';
export type { OrtTensorsOptions } from './toOrtTensors.js';
