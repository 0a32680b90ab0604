"""Makes the files of this folder with pyarrow 26 (`pip install pyarrow`): one table, written in many ways.

The values in expected.json are what pyarrow itself makes of them; `npm run format` afterwards.
"""

import base64
import datetime
import decimal
import json
import pathlib
import random

import pyarrow as pa
import pyarrow.parquet as pq

random.seed(7)
ROWS = 60
HERE = pathlib.Path(__file__).parent


def some(value):
    return [None if random.random() < 0.2 else value() for _ in range(ROWS)]


def text():
    return "".join(random.choice('abcé漢"\\\n😀 ') for _ in range(random.randint(0, 12)))


STRUCT = pa.struct([("a", pa.int32()), ("b", pa.struct([("c", pa.string())]))])
ITEMS = pa.list_(pa.struct([("x", pa.int64()), ("y", pa.list_(pa.string()))]))

TABLE = pa.table({
    "int32": pa.array(some(lambda: random.randint(-2**31, 2**31 - 1)), pa.int32()),
    "int64": pa.array(some(lambda: random.randint(-2**63, 2**63 - 1)), pa.int64()),
    "small": pa.array(some(lambda: random.randint(-100, 100)), pa.int64()),
    "uint8": pa.array(some(lambda: random.randint(0, 255)), pa.uint8()),
    "uint32": pa.array(some(lambda: random.randint(0, 2**32 - 1)), pa.uint32()),
    "uint64": pa.array(some(lambda: random.randint(0, 2**64 - 1)), pa.uint64()),
    "float": pa.array(some(lambda: random.choice([0.1, 1.5, -2.25, 3e30])), pa.float32()),
    "double": pa.array(some(lambda: random.random() * 1e10), pa.float64()),
    "half": pa.array(some(lambda: random.choice([0.5, -2.0, 65504.0, 0.25])), pa.float16()),
    "text": pa.array(some(text)),
    "low": pa.array(some(lambda: random.choice(["x", "yy", "zzz"]))),
    "binary": pa.array(some(lambda: random.randbytes(random.randint(0, 9))), pa.binary()),
    "fixed": pa.array(some(lambda: random.randbytes(5)), pa.binary(5)),
    "bool": pa.array(some(lambda: random.random() < 0.5)),
    "decimal": pa.array(some(lambda: decimal.Decimal(random.randint(-10**20, 10**20)).scaleb(-4)), pa.decimal128(25, 4)),
    "money": pa.array(some(lambda: decimal.Decimal(random.randint(-10**8, 10**8)).scaleb(-2)), pa.decimal128(9, 2)),
    "date": pa.array(some(lambda: random.randint(-10000, 40000)), pa.date32()),
    "millis": pa.array(some(lambda: random.randint(-10**12, 10**13)), pa.timestamp("ms")),
    "micros": pa.array(some(lambda: random.randint(-10**15, 10**16)), pa.timestamp("us", "UTC")),
    "nanos": pa.array(some(lambda: random.randint(-10**18, 4 * 10**18)), pa.timestamp("ns")),
    "time": pa.array(some(lambda: random.randint(0, 86399999999)), pa.time64("us")),
    "list": pa.array(some(lambda: [random.choice([None, 1, 2]) for _ in range(random.randint(0, 4))]), pa.list_(pa.int32())),
    "lists": pa.array(some(lambda: [random.choice([None, [], [1, None], [2, 3]]) for _ in range(random.randint(0, 3))]), pa.list_(pa.list_(pa.int32()))),
    "struct": pa.array(some(lambda: {"a": random.choice([None, 1]), "b": random.choice([None, {"c": random.choice([None, "q"])}])}), STRUCT),
    "items": pa.array(some(lambda: [random.choice([None, {"x": random.choice([None, 5]), "y": random.choice([None, [], ["u", None]])}]) for _ in range(random.randint(0, 3))]), ITEMS),
    "map": pa.array(some(lambda: [(key, random.choice([None, 1.5])) for key in random.sample(["k1", "k2", "__proto__"], random.randint(0, 3))]), pa.map_(pa.string(), pa.float64())),
    "maps": pa.array(some(lambda: [(key, random.choice([None, [], [1, 2]])) for key in random.sample(["k1", "k2"], random.randint(0, 2))]), pa.map_(pa.string(), pa.list_(pa.int32()))),
})


def instant(value, per_second, digits, suffix):
    if value is None:
        return None
    seconds, fraction = divmod(value, per_second)
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    return f"{moment.isoformat()}.{fraction:0{digits}}{suffix}"


def shown(name, column):
    numbers = lambda: column.cast(pa.int64()).to_pylist()
    if name == "millis":
        return [instant(value, 10**3, 3, "") for value in numbers()]
    if name == "micros":
        return [instant(value, 10**6, 6, "Z") for value in numbers()]
    if name == "nanos":
        return [instant(value, 10**9, 9, "") for value in numbers()]
    if name == "time":
        return [None if value is None else instant(value, 10**6, 6, "")[11:] for value in numbers()]
    return [shown_value(name, value) for value in column.to_pylist()]


def shown_value(name, value):
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, decimal.Decimal):
        return f"{value:f}"
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, int) and abs(value) > 2**53 - 1:
        return str(value)
    if name == "float" and value is not None:
        return float(f"{value:.7g}")
    if name in ("map", "maps") and value is not None:
        return dict(value)
    return value


def write(name, **options):
    pq.write_table(TABLE, HERE / f"{name}.parquet", store_schema=False, write_statistics=False, **options)


EXPECTED = {name: shown(name, TABLE[name].combine_chunks()) for name in TABLE.column_names}
(HERE / "expected.json").write_text(json.dumps(EXPECTED, ensure_ascii=False))

write("snappy-v1-dictionary", compression="SNAPPY", data_page_size=200)
write("zstd-v2-plain", compression="ZSTD", data_page_version="2.0", use_dictionary=False, data_page_size=200)
write("brotli-v1-plain", compression="BROTLI", use_dictionary=False)
write("gzip-v2-dictionary", compression="GZIP", data_page_version="2.0", row_group_size=23)
write("lz4-v1-dictionary", compression="LZ4")
write("none-v2-deltas", compression="NONE", data_page_version="2.0", use_dictionary=False, data_page_size=200, column_encoding={
    "int32": "DELTA_BINARY_PACKED", "int64": "DELTA_BINARY_PACKED", "small": "DELTA_BINARY_PACKED",
    "date": "DELTA_BINARY_PACKED", "text": "DELTA_BYTE_ARRAY", "binary": "DELTA_BYTE_ARRAY",
    "low": "DELTA_LENGTH_BYTE_ARRAY", "float": "BYTE_STREAM_SPLIT", "double": "BYTE_STREAM_SPLIT",
    "fixed": "BYTE_STREAM_SPLIT", "nanos": "BYTE_STREAM_SPLIT", "bool": "RLE",
})
write("int96", compression="SNAPPY", use_deprecated_int96_timestamps=True)
