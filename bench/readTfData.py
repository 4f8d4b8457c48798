"""The measured process of tf.data: warms up, reads files to the end, and prints the time and the memory.

python readTfData.py JOB SETTING WARM_UP_PATTERN PATTERN
"""

import glob
import json
import os
import resource
import sys
import time

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')

import tensorflow as tf

AUTOTUNE = tf.data.AUTOTUNE
WARM_UP_SECONDS = 4
FEATURES = {'data': tf.io.FixedLenFeature([], tf.string), 'labels': tf.io.FixedLenFeature([], tf.int64)}


def parse_batch(records):
    parsed = tf.io.parse_example(records, FEATURES)
    return tf.io.decode_raw(parsed['data'], tf.float64), parsed['labels']


def parse_one(record):
    parsed = tf.io.parse_single_example(record, FEATURES)
    return tf.io.decode_raw(parsed['data'], tf.float64), parsed['labels']


def decode(record):
    return tf.image.resize(tf.io.decode_jpeg(record, channels=3), [224, 224])


def examples(paths, setting):
    records = tf.data.TFRecordDataset(paths)
    if setting == 'as-written':
        return records.map(parse_one, num_parallel_calls=10).batch(64).prefetch(10)
    return records.batch(64).map(parse_batch, num_parallel_calls=AUTOTUNE).prefetch(AUTOTUNE)


def images(paths, setting):
    calls, ahead = (AUTOTUNE, AUTOTUNE) if setting == 'autotune' else (len(os.sched_getaffinity(0)), 2)
    return tf.data.TFRecordDataset(paths).map(decode, num_parallel_calls=calls).batch(32).prefetch(ahead)


def shuffled(paths, setting):
    calls, ahead = (AUTOTUNE, AUTOTUNE) if setting == 'autotune' else (len(os.sched_getaffinity(0)), 10)
    files = tf.data.Dataset.from_tensor_slices(paths).shuffle(len(paths), seed=7)
    records = files.interleave(tf.data.TFRecordDataset, cycle_length=4, num_parallel_calls=calls)
    return records.shuffle(10_000, seed=7).batch(64).map(parse_batch, num_parallel_calls=calls).prefetch(ahead)


def read(pattern):
    records = 0
    for batch in JOBS[job](sorted(glob.glob(pattern)), setting):
        first = batch[0] if isinstance(batch, tuple) else batch
        records += first.shape[0]
    return records


JOBS = {'readme': examples, 'images': images, 'shuffled': shuffled}
job, setting, warm_up, path = sys.argv[1:]
until = time.monotonic() + WARM_UP_SECONDS
while time.monotonic() < until:
    read(warm_up)
cpu, wall = time.process_time(), time.monotonic()
records = read(path)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({'records': records, 'seconds': time.monotonic() - wall, 'cpuSeconds': time.process_time() - cpu, 'peakRssBytes': peak, 'samples': []}))
