/*
 * A record in SageMaker's content type application/x-recordio-protobuf (proto2, package aialgs.data):
 *
 *   message Record        { map<string, Value> features = 1; map<string, Value> label = 2;   // an entry: key = 1, value = 2
 *                           optional string uid = 3; optional string metadata = 4; optional string configuration = 5; }
 *   message Value         { oneof value { Float32Tensor float32_tensor = 2; Float64Tensor float64_tensor = 3;
 *                                         Int32Tensor int32_tensor = 7; Bytes bytes = 9; } }
 *   message Float32Tensor { repeated float values = 1;    // Float64Tensor: double; Int32Tensor: int32; all packed
 *                           repeated uint64 keys = 2;     // places of the values in the flat tensor; none if dense
 *                           repeated uint64 shape = 3; }  // a vector may have none
 *   message Bytes         { repeated bytes value = 1; optional string content_type = 2; }
 *
 * https://github.com/aws/sagemaker-python-sdk/blob/6a175728f4e7abace32abcea731042229b74a148/src/sagemaker/amazon/record.proto
 */
export const RECORD_MAPS = { features: 1, label: 2 } as const;

export const VALUE_FIELDS = { float32: 2, float64: 3, int32: 7, bytes: 9 } as const;

export const TENSOR_VALUES = 1;
export const TENSOR_KEYS = 2;
export const TENSOR_SHAPE = 3;

export type RecordMap = keyof typeof RECORD_MAPS;

/** The dtypes of a Record's tensors. */
export type RecordDType = keyof typeof VALUE_FIELDS;
