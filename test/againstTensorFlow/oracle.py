"""Answers questions with TensorFlow: a line with the path of a file of questions in, a line once `path.answers` is there.

A question is an operation, its arguments and inputs; an input is a list of bytes in base64. An answer is a text for
each input that shows every bit of what TensorFlow read, or `error` with what it said. The texts are those of
`test/formats/reference/columnText.ts`.
"""

import base64
import json
import os
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

try:
    import numpy as np
    import tensorflow as tf
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(3)

tf.get_logger().setLevel("ERROR")
tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)

DTYPES = {
    "int32": tf.int32,
    "int64": tf.int64,
    "float32": tf.float32,
    "float64": tf.float64,
    "bytes": tf.string,
    "string": tf.string,
}


def array_text(tensor):
    dtype = "bytes" if tensor.dtype == tf.string else tensor.dtype.name
    shape = ",".join(str(length) for length in tensor.shape)
    value = np.asarray(tensor.numpy(), dtype=object if dtype == "bytes" else None)
    if dtype == "bytes":
        return f"bytes[{shape}] {','.join(element.hex() for element in value.reshape(-1))}"
    return f"{dtype}[{shape}] {value.tobytes().hex()}"


def text(value):
    if isinstance(value, tf.RaggedTensor):
        splits = ",".join(str(split) for split in value.row_splits.numpy())
        return f"ragged {splits} {array_text(value.values)}"
    if isinstance(value, tf.SparseTensor):
        shape = ",".join(str(length) for length in value.dense_shape.numpy())
        return f"sparse {array_text(value.indices)} {array_text(value.values)} [{shape}]"
    return array_text(value)


def texts(values, names):
    return "\n".join(f"{json.dumps(name, ensure_ascii=False)} {text(values[name])}" for name in names)


def feature_of(feature, is_sequence=False):
    dtype, kind = DTYPES[feature["dtype"]], feature["kind"]
    default = feature.get("default")
    if kind == "fixedLen":
        if default is not None:
            default = np.full(feature["shape"], default, dtype.as_numpy_dtype)
        return tf.io.FixedLenFeature(feature["shape"], dtype, default)
    if kind == "fixedLenSequence":
        allow_missing = feature.get("allowMissing", not is_sequence)
        return tf.io.FixedLenSequenceFeature(feature["shape"], dtype, allow_missing, default)
    if kind == "varLen":
        return tf.io.VarLenFeature(dtype)
    if kind == "ragged":
        return tf.io.RaggedFeature(dtype)
    return tf.io.SparseFeature(feature["indexKey"], feature["valueKey"], dtype, feature["size"])


def parse_single_example(question):
    features = {name: feature_of(feature) for name, feature in question["features"].items()}
    return lambda records: texts(tf.io.parse_single_example(records[0], features), features)


def parse_example(question):
    features = {name: feature_of(feature) for name, feature in question["features"].items()}
    return lambda records: texts(tf.io.parse_example(tf.constant(records, tf.string), features), features)


def parse_sequence_example(question):
    context = {name: feature_of(feature) for name, feature in question["context"].items()}
    sequence = {name: feature_of(feature, True) for name, feature in question["sequence"].items()}

    def parse(records):
        parsed = tf.io.parse_single_sequence_example(records[0], context, sequence)
        return "\n".join(texts(values, names) for values, names in zip(parsed, (context, sequence)))

    return parse


def decode_csv(question):
    def default_of(column):
        dtype = DTYPES[column["dtype"]]
        return tf.constant([column["default"]] if "default" in column else [], dtype)

    defaults = [default_of(column) for column in question["columns"]]

    def decode(lines):
        columns = tf.io.decode_csv(
            tf.constant(lines, tf.string),
            defaults,
            field_delim=question["fieldDelim"],
            use_quote_delim=question["useQuoteDelim"],
            na_value=question["naValue"],
            select_cols=question.get("selectCols"),
        )
        return "\n".join(array_text(column) for column in columns)

    return decode


def read_tfrecords(question):
    def read(chunks):
        with tempfile.NamedTemporaryFile() as file:
            file.write(chunks[0])
            file.flush()
            records, end = [], "end"
            try:
                for record in tf.compat.v1.io.tf_record_iterator(file.name):
                    records.append(record.hex())
            except tf.errors.OpError:
                end = "error"
            return f"{','.join(records)} {len(records)} {end}"

    return read


OPERATIONS = {
    "parseSingleExample": parse_single_example,
    "parseExample": parse_example,
    "parseSequenceExample": parse_sequence_example,
    "decodeCsv": decode_csv,
    "readTFRecords": read_tfrecords,
}


def answers_to(question):
    operation = OPERATIONS[question["op"]](question)
    for given in question["inputs"]:
        try:
            yield {"text": operation([base64.b64decode(each) for each in given])}
        except (tf.errors.OpError, ValueError) as error:
            yield {"text": "error", "detail": f"{type(error).__name__}: {error}"}


print(f"TensorFlow {tf.__version__}", flush=True)
for line in sys.stdin:
    path = line.rstrip("\n")
    with open(path, encoding="utf8") as file:
        questions = json.load(file)
    with open(f"{path}.answers", "w", encoding="utf8") as file:
        json.dump([list(answers_to(question)) for question in questions], file)
    print("answered", flush=True)
