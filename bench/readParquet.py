"""The measured process of pyarrow: warms up, reads a file several times, and prints the time and the memory.

python readParquet.py WARM_UP_PATH PATH PASSES
"""

import json
import resource
import sys
import time

import pyarrow as pa
import pyarrow.parquet as pq

WARM_UP_SECONDS = 2


def read(path):
    """Makes an array of each column of numbers, in batches. The texts stay in the memory of Arrow."""
    rows = 0
    for batch in pq.ParquetFile(path).iter_batches(batch_size=1024):
        for column in batch.columns:
            if not pa.types.is_string(column.type):
                column.to_numpy(zero_copy_only=False)
        rows += batch.num_rows
    return rows


warm_up, path, passes = sys.argv[1], sys.argv[2], int(sys.argv[3])
until = time.monotonic() + WARM_UP_SECONDS
while time.monotonic() < until:
    read(warm_up)
cpu, wall = time.process_time(), time.monotonic()
records = sum(read(path) for _ in range(passes))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({'records': records, 'seconds': time.monotonic() - wall, 'cpuSeconds': time.process_time() - cpu, 'peakRssBytes': peak, 'samples': []}))
