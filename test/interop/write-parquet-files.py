"""Writes Parquet in many ways into a folder, by pyarrow, and beside them what each holds: `expected.json`."""

import base64
import datetime as dt
import json
import math
import pathlib
import random
import struct
import sys
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

folder = pathlib.Path(sys.argv[1])
cases = []
utc = dt.timezone.utc


def exact(number):
    """A double holds integers up to 2^53."""
    return number if abs(number) < 2**53 else str(number)


def shortest(value):
    """As few digits as tell an IEEE single from all others."""
    texts = (f"{value:.{digits}g}" for digits in range(1, 10))
    return float(next(text for text in texts if struct.pack("f", float(text)) == struct.pack("f", value)))


def instant(value, unit, zone):
    """`value`: an integer, because Python's own times have no nanoseconds."""
    digits = {"ms": 3, "us": 6, "ns": 9}[unit]
    seconds, fraction = divmod(value, 10**digits)
    text = (dt.datetime(1970, 1, 1) + dt.timedelta(seconds=seconds)).isoformat()
    return f"{text}.{fraction:0{digits}d}{'Z' if zone else ''}"


def shown(value, kind):
    """A value as a preview gives it: as JSON, in which nothing has lost a digit."""
    if value is None:
        return None
    if pa.types.is_dictionary(kind):
        return shown(value, kind.value_type)
    if pa.types.is_timestamp(kind):
        return instant(value, kind.unit, kind.tz)
    if pa.types.is_decimal(kind):
        return format(value, "f")
    if pa.types.is_floating(kind) and not math.isfinite(value):
        return {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")
    if pa.types.is_float32(kind):
        return shortest(value)
    if pa.types.is_integer(kind):
        return exact(value)
    if pa.types.is_date(kind):
        return value.isoformat()
    if pa.types.is_time(kind):
        return instant(value, kind.unit, None).split("T")[1]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if pa.types.is_struct(kind):
        return {field.name: shown(value[field.name], field.type) for field in kind}
    if pa.types.is_map(kind):
        return {key: shown(item, kind.item_type) for key, item in value}
    if pa.types.is_nested(kind):
        return [shown(item, kind.value_type) for item in value]
    return value


def add(name, columns, /, read_as=None, **options):
    """`columns`: name -> (type, values). Times are given as integers of their unit. `read_as`: what the types become."""
    arrays = {}
    for column, (kind, values) in columns.items():
        if pa.types.is_timestamp(kind) or pa.types.is_time(kind):
            whole = pa.int32() if kind.bit_width == 32 else pa.int64()
            arrays[column] = pa.array(values, whole).cast(kind)
        else:
            arrays[column] = pa.array(values, kind)
    pq.write_table(pa.table(arrays), folder / name, **options)
    rows = [
        [shown(value, read_as or kind) for (kind, _), value in zip(columns.values(), row)]
        for row in zip(*(values for _, values in columns.values()))
    ]
    cases.append({"file": name, "query": {}, "columns": list(columns), "rows": rows})


def repeated(values, count=40):
    """With nulls, and often enough that encodings for many values are used."""
    return [None if at % 7 == 3 else values[at % len(values)] for at in range(count)]


scalars = {
    "bool": (pa.bool_(), repeated([True, False])),
    "int8": (pa.int8(), repeated([-128, 0, 127])),
    "int16": (pa.int16(), repeated([-32768, 0, 32767])),
    "int32": (pa.int32(), repeated([-(2**31), 0, 2**31 - 1])),
    "int64": (pa.int64(), repeated([-(2**63), -1, 0, 2**53 - 1, 2**53 + 1, 2**63 - 1])),
    "uint8": (pa.uint8(), repeated([0, 255])),
    "uint16": (pa.uint16(), repeated([0, 65535])),
    "uint32": (pa.uint32(), repeated([0, 2**31, 2**32 - 1])),
    "uint64": (pa.uint64(), repeated([0, 2**53 - 1, 2**63, 2**64 - 1])),
    "float32": (pa.float32(), repeated([-1.5, 0.0, 2.0**100, struct.unpack("f", struct.pack("f", 0.1))[0]])),
    "float16": (pa.float16(), repeated([-1.5, 0.0, 60_000.0, struct.unpack("e", struct.pack("e", 0.1))[0]])),
    "float64": (pa.float64(), repeated([-1.1, 0.0, 1e300, 5e-324, math.nan, math.inf, -math.inf])),
    "string": (pa.string(), repeated(["", "lamp", "ünïcödé 日本 😀", 'a "quoted"\nline', "x" * 3_000])),
    "large": (pa.large_string(), repeated(["a", "b"])),
    "category": (pa.dictionary(pa.int8(), pa.string()), repeated(["red", "green", "blue"])),
    "binary": (pa.binary(), repeated([b"", b"\x00\xff", b"lamp"])),
    "fixed": (pa.binary(4), repeated([b"\x00\x01\x02\x03", b"lamp"])),
    "date": (pa.date32(), repeated([dt.date(1, 1, 1), dt.date(1969, 12, 31), dt.date(2026, 2, 28), dt.date(9999, 12, 31)])),
}
instants = [-1, 0, 1, 999, 1_000, 1_234_567, 1_767_225_599_999]
times = {
    f"timestamp {unit}{' with zone' if zone else ''}": (
        pa.timestamp(unit, zone),
        repeated([at * scale for at in instants] + [1_767_225_599_999 * scale + scale // 3]),
    )
    for unit, scale in (("ms", 1), ("us", 1_000), ("ns", 1_000_000))
    for zone in (None, "UTC", "Europe/Paris")
} | {
    "time ms": (pa.time32("ms"), repeated([0, 1, 86_399_999])),
    "time us": (pa.time64("us"), repeated([0, 1, 86_399_999_999])),
    "time ns": (pa.time64("ns"), repeated([0, 1, 86_399_999_999_999])),
}
decimals = {
    f"decimal({precision}, {scale})": (kind(precision, scale), repeated([Decimal(text) for text in texts]))
    for kind, precision, scale, texts in (
        (pa.decimal128, 5, 2, ["-999.99", "0.00", "0.01", "999.99"]),
        (pa.decimal128, 18, 6, ["-999999999999.999999", "0.000001", "1.100000"]),
        (pa.decimal128, 38, 0, ["-99999999999999999999999999999999999999", "0", "12345678901234567890"]),
        (pa.decimal128, 38, 38, ["0.12345678901234567890123456789012345678"]),
        (pa.decimal256, 76, 10, ["-123456789012345678901234567890123456789012345678901234567890123456.0123456789", "0.0000000001"]),
    )
}
item = pa.struct([("name", pa.string()), ("price", pa.decimal128(9, 2)), ("at", pa.date32())])
lamp = {"name": "lamp", "price": Decimal("9.90"), "at": dt.date(2026, 1, 1)}
nested = {
    "list": (pa.list_(pa.int32()), repeated([[], [1], [1, None, 3]])),
    "list of text": (pa.list_(pa.string()), repeated([["a", "", None], ["ü"]])),
    "list of lists": (pa.list_(pa.list_(pa.int64())), repeated([[], [[]], [[1], None, [2, 2**60]]])),
    "struct": (item, repeated([lamp, {"name": None, "price": None, "at": None}])),
    "list of structs": (pa.list_(item), repeated([[], [lamp], [lamp, None, lamp]])),
    "map": (pa.map_(pa.string(), pa.int32()), repeated([[], [("a", 1)], [("a", 1), ("b", None)]])),
    "struct of lists": (
        pa.struct([("n", pa.list_(pa.int8())), ("deep", pa.struct([("er", pa.list_(pa.string()))]))]),
        repeated([{"n": [1, 2], "deep": {"er": ["x"]}}, {"n": None, "deep": None}, {"n": [], "deep": {"er": None}}]),
    ),
}

for codec in ("NONE", "SNAPPY", "GZIP", "BROTLI", "ZSTD", "LZ4"):
    for page in ("1.0", "2.0"):
        add(f"{codec.lower()}-page-v{page[0]}.parquet", scalars, compression=codec, data_page_version=page)
for page in ("1.0", "2.0"):
    add(f"times-page-v{page[0]}.parquet", times, data_page_version=page)
    add(f"decimals-page-v{page[0]}.parquet", decimals, data_page_version=page)
    add(f"nested-page-v{page[0]}.parquet", nested, data_page_version=page)
add("decimals-as-integers.parquet", {name: column for name, column in list(decimals.items())[:2]}, store_decimal_as_integer=True)
add("lists-as-of-old.parquet", nested, use_compliant_nested_type=False)
add("format-1.0.parquet", scalars, version="1.0")
add("plain.parquet", scalars | decimals, use_dictionary=False)
add("dictionary-outgrown.parquet", {"text": (pa.string(), repeated([f"value {n}" for n in range(5_000)], 20_000))},
    dictionary_pagesize_limit=1_024, data_page_size=4_096)
add("bare.parquet", scalars, write_statistics=False, store_schema=False)
add("indexed.parquet", scalars, write_page_index=True, write_page_checksum=True, data_page_size=64)
# They say of no zone, and are taken for UTC.
add("int96.parquet", {"at": times["timestamp ns"]}, pa.timestamp("ns", "UTC"), use_deprecated_int96_timestamps=True)
for encoding, columns in {
    "DELTA_BINARY_PACKED": ["int32", "int64", "uint32"],
    "DELTA_LENGTH_BYTE_ARRAY": ["string", "binary"],
    "DELTA_BYTE_ARRAY": ["string", "binary", "fixed"],
    "BYTE_STREAM_SPLIT": ["float32", "float64", "int32", "fixed"],
    "RLE": ["bool"],
}.items():
    add(
        f"{encoding.lower().replace('_', '-')}.parquet",
        {name: scalars[name] for name in columns},
        use_dictionary=False,
        column_encoding={name: encoding for name in columns},
        data_page_version="2.0",
    )
many = 12_000
add(
    "row-groups.parquet",
    {"n": (pa.int32(), list(range(many))), "text": (pa.string(), [f"row {n}" for n in range(many)])},
    row_group_size=5_000,
    data_page_size=2_048,
)
add("no-rows.parquet", {"n": (pa.int32(), []), "text": (pa.string(), [])})
add("wide.parquet", {f"column {n}": (pa.int16(), [n, None]) for n in range(400)})

# The same ones each time.
chance = random.Random(1)


def sometimes(make, share):
    return lambda: None if chance.random() < share else make()


def random_column(depth):
    """A type, and what makes values of it."""
    if depth == 0 or chance.random() < 0.4:
        kind, values = chance.choice([*scalars.values(), *decimals.values()])
        return kind, lambda: chance.choice(values)
    kind, make = random_column(depth - 1)
    make = sometimes(make, chance.choice([0, 0.1, 0.5]))
    match chance.randrange(3):
        case 0:
            return pa.list_(kind), lambda: [make() for _ in range(chance.choice([0, 1, 2, 40]))]
        case 1:
            return pa.map_(pa.string(), kind), lambda: [(f"key {n}", make()) for n in range(chance.choice([0, 1, 3]))]
        case _:
            other, make_other = random_column(depth - 1)
            return pa.struct([("a", kind), ("b", other)]), lambda: {"a": make(), "b": make_other()}


for number in range(40):
    count = chance.choice([1, 7, 100, 1_000])
    columns = {}
    for at in range(chance.randrange(1, 6)):
        kind, make = random_column(chance.randrange(4))
        make = sometimes(make, chance.choice([0, 0.1, 0.9, 1]))
        columns[f"column {at}"] = (kind, [make() for _ in range(count)])
    add(
        f"random-{number}.parquet",
        columns,
        compression=chance.choice(["NONE", "SNAPPY", "GZIP", "BROTLI", "ZSTD", "LZ4"]),
        data_page_version=chance.choice(["1.0", "2.0"]),
        use_dictionary=chance.random() < 0.5,
        data_page_size=chance.choice([64, 1_000, 2**20]),
        row_group_size=chance.choice([50, 2**20]),
        write_batch_size=chance.choice([2, 1_024]),
    )

(folder / "expected.json").write_text(json.dumps(cases))
