"""Writes CSV in many dialects into a folder, by Python's own writer, and JSON; beside them what each holds: `expected.json`."""

import csv
import gzip
import io
import json
import pathlib
import random
import sys

folder = pathlib.Path(sys.argv[1])

names = ["id", "text", "note"]
records = [
    ["1", "plain", "x"],
    ["2", "comma, semicolon; pipe| tab\t", "y"],
    ["3", 'a "quoted" word', ""],
    ["4", "it's 'single'", "'"],
    ["5", "line\nbreak", "crlf\r\nbreak"],
    ["6", "  spaces  ", "\t"],
    ["7", "", '""'],
    ["8", '"', '""""'],
    ["9", "back\\slash", '\\"'],
    ["10", "#no comment", "=1+1"],
    ["11", ",", "\n"],
    ["12", "x" * 70_000, "long"],
    ["13", "ends with backslash\\", "\\"],
    ["14", "null", "NULL"],
    ["15", '",\r\n"', ";'|\t"],
    ["16", "", ""],
]
western = [["1", "Äpfel, süß", "50 €"], ["2", 'naïve "café"', "£"]]
everywhere = [*western, ["3", "日本語, 中文", "Ελληνικά"], ["4", "😀 \u0301 \u200f", "line\u2028separator"]]
japanese = [["1", "日本語, ソース", "表\\能"], ["2", 'カタカナ "引用"', "ｱｲｳ"]]
chinese = [["1", "中文, 简体", "繁體"], ["2", '引用 "文字"', "㐀 😀"]]

cases = []


def written(rows, **dialect):
    text = io.StringIO(newline="")
    csv.writer(text, **dialect).writerows(rows)
    return text.getvalue()


def add(name, data, rows=records, columns=names, /, **query):
    (folder / name).write_bytes(data)
    cases.append({"file": name, "query": query, "columns": columns, "rows": rows})


everything = [names, *records]
# Where empty values are not in quotes, they are no text.
bare = [[value or None for value in record] for record in records]
plain = written(everything).encode()
add("excel.csv", plain, bare)
add("excel.tsv", written(everything, dialect="excel-tab").encode(), bare)
add("unix.csv", written(everything, dialect="unix").encode())
add("all-quoted.csv", written(everything, quoting=csv.QUOTE_ALL).encode())
add("semicolon.csv", written(everything, delimiter=";").encode(), bare, csv={"delimiter": ";"})
add("pipe.csv", written(everything, delimiter="|", quotechar="'").encode(), bare, csv={"delimiter": "|", "quote": "'"})
add("far.csv", written(everything, delimiter="§", quotechar="«").encode(), bare, csv={"delimiter": "§", "quote": "«"})
add(
    "backslash.csv",
    written(everything, quoting=csv.QUOTE_ALL, doublequote=False, escapechar="\\").encode(),
    csv={"escape": "\\"},
)
add("old-mac.csv", written([names, *western], lineterminator="\r").encode(), western)
add("no-end-of-line.csv", plain.removesuffix(b"\r\n"), bare)
add("end-within-quotes.csv", written([names, ["1", "a", "b\n"]]).removesuffix("\r\n").encode(), [["1", "a", "b\n"]])
add("byte-order-mark.csv", b"\xef\xbb\xbf" + plain, bare)
add("byte-order-mark-and-quotes.csv", b"\xef\xbb\xbf" + written(everything, quoting=csv.QUOTE_ALL).encode())
add("no-names.csv", written(records).encode(), bare, [f"column_{n}" for n in (1, 2, 3)], csv={"header": False})
add("other-extension.txt", plain, bare, format="CSV")
add("preamble.csv", b'made by "some program\r\n\r\n# on a Monday\r\n' + plain, bare, csv={"skipLines": 3})
numbers = written([["n", "s"], [1.5, "a"], [-2e300, "b"]], quoting=csv.QUOTE_NONNUMERIC)
add("numbers.csv", numbers.encode(), [["1.5", "a"], ["-2e+300", "b"]], ["n", "s"])
odd = ["first, last", 'the "name"', "two\nlines", "ünï", " spaces "]
add("odd-names.csv", written([odd, ["1", "2", "3", "4", "5"]]).encode(), [["1", "2", "3", "4", "5"]], odd)
add("names-alone.csv", written([names]).encode(), [])
add("some-columns.csv", plain, [[row[2], row[0]] for row in bare], ["note", "id"], columns=["note", "id"])

# The same ones each time.
chance = random.Random(1)
pieces = ['"', "'", ",", ";", "|", "\t", "\n", "\r\n", '""', "\\", " ", "#", "a", "0", "ü", "😀", "\ufeff"]
for number in range(40):
    form = {"delimiter": chance.choice(",;|\t:"), "quote": chance.choice("\"'")}
    is_escaped, is_quoted = chance.choice([(True, True), (False, True), (False, False)])
    dialect = {"delimiter": form["delimiter"], "quotechar": form["quote"], "lineterminator": chance.choice(["\n", "\r\n"])}
    if is_quoted:
        dialect["quoting"] = csv.QUOTE_ALL
    if is_escaped:
        form["escape"] = "\\"
        dialect |= {"doublequote": False, "escapechar": "\\"}
    some = ["first", *(f"column {n}" for n in range(chance.randrange(1, 5)))]
    rows = [
        ["".join(chance.choices(pieces, k=chance.choice([0, 1, 2, 20]))) for _ in some]
        for _ in range(chance.choice([1, 5, 300]))
    ]
    expected = rows if is_quoted else [[value or None for value in row] for row in rows]
    add(f"random-{number}.csv", written([some, *rows], **dialect).encode(), expected, some, csv=form)

for encoding, name, rows in [
    ("utf-8", "UTF_8", everywhere),
    ("utf-16-le", "UTF_16LE", everywhere),
    ("utf-16-be", "UTF_16BE", everywhere),
    ("cp1252", "WINDOWS_1252", western),
    ("iso8859-15", "ISO_8859_15", [["1", "Äpfel, süß", "50 €"], ["2", 'Œuvre "été"', "Ž"]]),
    ("shift_jis", "SHIFT_JIS", japanese),
    ("gb18030", "GB18030", chinese),
]:
    add(f"{encoding}.csv", written([names, *rows]).encode(encoding), rows, csv={"encoding": name})
for encoding, name in [("utf-16-le", "UTF_16LE"), ("utf-16-be", "UTF_16BE")]:
    marked = ("\ufeff" + written([names, *everywhere])).encode(encoding)
    add(f"{encoding}-marked.csv", marked, everywhere, csv={"encoding": name})

for level in (1, 6, 9):
    add(f"level-{level}.csv.gz", gzip.compress(plain, level), bare)
named = io.BytesIO()
with gzip.GzipFile("orders.csv", "wb", fileobj=named, mtime=0) as file:
    file.write(plain)
add("named-inside.csv.gz", named.getvalue(), bare)
half = len(plain) // 2
add("members.csv.gz", gzip.compress(plain[:half]) + gzip.compress(b"") + gzip.compress(plain[half:]), bare)
add("hidden-gzip.csv", gzip.compress(plain), bare)
add("told-gzip.bin", gzip.compress(plain), bare, format="CSV", compression="GZIP")
add("utf-16.csv.gz", gzip.compress(marked), everywhere, csv={"encoding": "UTF_16BE"})

documents = [dict(zip(names, row)) for row in records]
lines = "".join(json.dumps(document, ensure_ascii=False) + "\n" for document in documents).encode()
add("lines.ndjson", lines)
add("escaped.jsonl", "".join(json.dumps(document) + "\r\n" for document in documents).encode())
add("lines.ndjson.gz", gzip.compress(lines))
add("list.json", json.dumps(documents, indent=2).encode())
add("list.json.gz", gzip.compress(json.dumps(documents, ensure_ascii=False).encode()))
within = {"took": 3, "data": {"more": [1, {"items": []}], "items": documents}, "next": None}
add("within.json", json.dumps(within).encode(), json={"records": "data.items"})

deep = {"deep": {"er": [[], [2**60, None, "a"]]}, "": 1}
typed = [
    {"n": 1, "large": 2**53 + 1, "ratio": 0.1, "tiny": 5e-324, "yes": True, "none": None, "list": [1], "object": deep},
    {"object": {}, "list": [], "ratio": -1e300, "yes": False, "n": 1 - 2**53, "large": 7},
    {},
    {"n": None},
]
shown = {**deep, "deep": {"er": [[], [str(2**60), None, "a"]]}}
typed_rows = [
    [1, str(2**53 + 1), 0.1, 5e-324, True, None, [1], shown],
    [1 - 2**53, 7, -1e300, None, False, None, [], {}],
    [None] * 8,
    [None] * 8,
]
typed_lines = "\n".join(json.dumps(document) for document in typed).encode()
add("typed.ndjson", typed_lines, typed_rows, list(typed[0]))
add("byte-order-mark.ndjson", b"\xef\xbb\xbf" + typed_lines + b"\n\n", typed_rows, list(typed[0]))
add("typed.json", json.dumps(typed).encode(), typed_rows, list(typed[0]))
add("one.json", json.dumps(typed[0]).encode(), typed_rows[:1], list(typed[0]))
add("some-fields.ndjson", typed_lines, [[row[4], row[0]] for row in typed_rows], ["yes", "n"], columns=["yes", "n"])

(folder / "expected.json").write_text(json.dumps(cases))
