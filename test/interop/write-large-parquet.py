"""Writes a Parquet file of about so many bytes in one row group: numbers from 0, and random text that cannot be compressed."""

import random
import sys

import pyarrow as pa
import pyarrow.parquet as pq

path, size = sys.argv[1], int(sys.argv[2])
width = 1_000
rows = size // width
texts = pa.array([random.randbytes(width // 2).hex() for _ in range(rows)], pa.string())
table = pa.table({"n": pa.array(range(rows), pa.int32()), "text": texts})
pq.write_table(table, path, row_group_size=rows, use_dictionary=False)
print(rows)
