"""Trains a softmax regression on the digits, and writes it as digits.onnx. Needs numpy and onnx."""
import struct
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = Path(__file__).parent
PIXELS, CLASSES, MAX_PIXEL = 64, 10, 16


def records(path):
    data, at = path.read_bytes(), 0
    while at < len(data):
        (length,) = struct.unpack_from("<Q", data, at)
        yield data[at + 12 : at + 12 + length]
        at += 16 + length


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def fields(message):
    """Yields the number and the value of each field of a protobuf message: bytes, or an integer."""
    at = 0
    while at < len(message):
        tag, at = varint(message, at)
        value, at = varint(message, at)
        if tag & 7 == 2:
            value, at = message[at : at + value], at + value
        yield tag >> 3, value


def parse(record):
    """Returns the values of an Example, in which each feature has one value: bytes or an int64."""
    example = {}
    for _, features in fields(record):
        for _, entry in fields(features):
            name, feature = (value for _, value in sorted(fields(entry)))
            (kind, values), = fields(feature)
            (_, value), = fields(values)
            example[name.decode()] = varint(value, 0)[0] if kind == 3 and isinstance(value, bytes) else value
    return example


def load(part):
    examples = [parse(record) for record in records(HERE / f"../digits/data/{part}/digits.tfrecord")]
    images = np.array([np.frombuffer(example["image"], np.uint8) for example in examples], np.float32)
    return images / MAX_PIXEL, np.array([example["label"] for example in examples])


images, labels = load("train")
weights, bias = np.zeros((PIXELS, CLASSES), np.float32), np.zeros(CLASSES, np.float32)
for _ in range(3000):
    logits = images @ weights + bias
    gradient = np.exp(logits - logits.max(1, keepdims=True))
    gradient /= gradient.sum(1, keepdims=True)
    gradient[np.arange(len(labels)), labels] -= 1
    weights -= 0.5 * (images.T @ gradient / len(labels) + 1e-4 * weights)
    bias -= 0.5 * gradient.mean(0)

images, labels = load("validation")
correct = int(((images @ weights + bias).argmax(1) == labels).sum())
print(f"{correct} of {len(labels)} scans are classified correctly")

graph = helper.make_graph(
    [
        helper.make_node("Mul", ["image", "scale"], ["scaled"]),
        helper.make_node("Gemm", ["scaled", "weights", "bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ],
    "digits",
    [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", PIXELS])],
    [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", CLASSES])],
    [
        numpy_helper.from_array(np.float32(1 / MAX_PIXEL).reshape(()), "scale"),
        numpy_helper.from_array(weights, "weights"),
        numpy_helper.from_array(bias, "bias"),
    ],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
onnx.checker.check_model(model)
onnx.save(model, HERE / "digits.onnx")
