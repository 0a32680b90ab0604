"""fakesnow's server, with Snowflake's answers where fakesnow has others or none:

- Results come as JSON: fakesnow writes those of queries as Arrow, of which the driver for Node.js reads nothing.
- Of many rows the first come with the answer and the others in chunks, packed, to be fetched by their URLs. fakesnow
  sends all at once.
- Answers tell which role and warehouse the session has. fakesnow takes any, and forgets them.
- Statements and functions that fakesnow does not know are answered with what a suite says (`fakesnow-scene.ts`).

Statements, values, names, descriptions of tables and columns, and refusals are fakesnow's own.

Reads from its one argument, a file of JSON, what to listen on, what to run first, and what to say in fakesnow's place.
Says on standard output, one line of JSON each, that it listens and then what it was asked.
"""

import base64
import datetime as dt
import gzip
import json
import math
import os
import pathlib
import re
import sys
import threading
import uuid
import warnings
from decimal import Decimal

# DuckDB would rather be called in another way.
warnings.filterwarnings("ignore", category=UserWarning)

import fakesnow.server
import pyarrow as pa
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

# The package has a function of the same name.
fakesnow_server = sys.modules["fakesnow.server"]
options = json.loads(pathlib.Path(sys.argv[1]).read_text())

# By the id of a result: what of its rows was not in the first answer, packed as it is fetched.
chunks = {}

# By session token: role and warehouse as the session was told to use them.
uses = {}


def tell(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def seconds(nanoseconds):
    """Nine digits after the point, and one sign for all of it."""
    whole, rest = divmod(abs(nanoseconds), 10**9)
    return f"{'-' if nanoseconds < 0 else ''}{whole}.{rest:09d}"


def written(value, kind):
    """A value of fakesnow's Arrow as Snowflake writes it into JSON."""
    # Of a moment that is null, the parts are.
    if value is None or (isinstance(value, dict) and value["epoch"] is None):
        return None
    if kind == "boolean":
        return "1" if value else "0"
    if kind == "fixed":
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    if kind == "real":
        names = {math.inf: "inf", -math.inf: "-inf"}
        return "NaN" if math.isnan(value) else names.get(value, repr(value))
    if kind == "date":
        return str((value - dt.date(1970, 1, 1)).days)
    if kind == "time":
        return seconds(value)
    if kind.startswith("timestamp"):
        text = seconds(value["epoch"] * 10**9 + value["fraction"])
        return f"{text} {value['timezone']}" if "timezone" in value else text
    if kind == "binary":
        return value.hex().upper()
    return str(value)


def rows_of(data):
    """Rows of Arrow, which that driver does not read, as those of JSON."""
    packed = base64.b64decode(data["rowsetBase64"])
    if not packed:
        return []
    table = pa.ipc.open_stream(packed).read_all()
    kinds = [column["type"] for column in data["rowtype"]]
    columns = [[written(value, kind) for value in column.to_pylist()] for column, kind in zip(table.columns, kinds)]
    return [list(row) for row in zip(*columns)]


def paged(data, rows, url):
    """Snowflake sends the first rows with its answer, and of the others where to fetch them."""
    size = options["rowsPerChunk"]
    data |= {"rowset": rows[:size], "total": len(rows), "returned": len(rows), "version": "1"}
    rest = [rows[at : at + size] for at in range(size, len(rows), size)]
    if rest:
        # Without the brackets around them: a client joins chunks.
        texts = [json.dumps(part)[1:-1].encode() for part in rest]
        result = str(uuid.uuid4())
        chunks[result] = [gzip.compress(text) for text in texts]
        data["chunkHeaders"] = {}
        data["chunks"] = [
            {
                "url": f"{url}chunks/{result}/{index}",
                "rowCount": len(part),
                "uncompressedSize": len(text),
                "compressedSize": len(packed),
            }
            for index, (part, text, packed) in enumerate(zip(rest, texts, chunks[result]))
        ]


def use_in(statement):
    """What a statement makes of the session, where that is role or warehouse: fakesnow takes any, and forgets it."""
    found = re.match(r"\s*use\s+(role|warehouse)\s+(\S+?)\s*;?\s*$", statement, re.IGNORECASE)
    if found is None:
        return {}
    kind, name = found.groups()
    return {kind.lower(): name[1:-1].replace('""', '"') if name.startswith('"') else name.upper()}


def in_its_place(statement):
    """An answer that fakesnow does not know how to give; None where it is asked itself."""
    for answer in options["answers"]:
        if not re.search(answer["to"], statement, re.IGNORECASE):
            continue
        columns = [
            {"name": name, "type": "text", "nullable": True, "length": 16777216, "byteLength": 16777216}
            | dict.fromkeys(["scale", "precision", "collation"])
            | dict.fromkeys(["database", "schema", "table"], "")
            for name in answer["columns"]
        ]
        return {
            "success": True,
            "code": None,
            "message": None,
            "data": {
                "parameters": [],
                "rowtype": columns,
                "queryId": str(uuid.uuid4()),
                "queryResultFormat": "json",
                "rowset": answer["rows"],
                "total": len(answer["rows"]),
                "returned": len(answer["rows"]),
                "version": "1",
            },
        }
    return None


async def query(request):
    body = await request.body()
    if request.headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    asked = json.loads(body)
    statement = asked["sqlText"]
    tell({"statement": statement, "describeOnly": bool(asked.get("describeOnly"))})
    use = uses.get(fakesnow_server.to_token(request), {})
    final = {"finalRoleName": use.get("role"), "finalWarehouseName": use.get("warehouse")}
    own = in_its_place(statement)
    if own is not None:
        own["data"] |= final
        return JSONResponse(own)
    functions = options["functions"] | {"CURRENT_ROLE": use.get("role"), "CURRENT_WAREHOUSE": use.get("warehouse")}
    for function, value in functions.items():
        statement = re.sub(rf"\b{re.escape(function)}\s*\(\s*\)", f"'{value}'", statement, flags=re.IGNORECASE)
    # fakesnow reads the body that it finds here; it knows the encoding from the header.
    body = json.dumps(asked | {"sqlText": statement}).encode()
    request._body = gzip.compress(body) if request.headers.get("content-encoding") == "gzip" else body
    answer = await fakesnow_server.query_request(request)
    told = json.loads(answer.body)
    data = told.get("data") or {}
    if "rowtype" in data:
        is_arrow = data.get("queryResultFormat") == "arrow"
        rows = rows_of(data) if is_arrow else data["rowset"]
        data.pop("rowsetBase64", None)
        use |= use_in(statement)
        final = {"finalRoleName": use.get("role"), "finalWarehouseName": use.get("warehouse")}
        data |= {"queryResultFormat": "json"} | final
        paged(data, rows, str(request.base_url))
    return JSONResponse(told, status_code=answer.status_code)


async def login(request):
    """fakesnow lets everybody in, and says nothing of roles and warehouses."""
    answer = await fakesnow_server.login_request(request)
    told = json.loads(answer.body)
    asked = request.query_params
    use = {"role": asked.get("roleName") or options["defaultRole"], "warehouse": asked.get("warehouse")}
    uses[told["data"]["token"]] = use
    told["data"]["sessionInfo"] |= {"roleName": use["role"], "warehouseName": use["warehouse"]}
    return JSONResponse(told)


async def chunk(request):
    packed = chunks[request.path_params["result"]][int(request.path_params["index"])]
    return Response(packed, headers={"content-encoding": "gzip", "content-type": "binary/octet-stream"})


class Told:
    """Tells of each request before it is answered."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            tell({"method": scope["method"], "path": scope["path"]})
        await self.app(scope, receive, send)


def hear_parent():
    """Repeats what it is told, after all that it has said before; and ends with whoever has started it."""
    for line in sys.stdin:
        tell({"heard": line.strip()})
    os._exit(0)


class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        tell({"listening": options["port"]})


def set_up():
    cursor = fakesnow_server.shared_fs.connect().cursor()
    for statement in options["setUp"]:
        cursor.execute(statement)


threading.Thread(target=hear_parent, daemon=True).start()
set_up()
app = Starlette(
    routes=[
        Route("/queries/v1/query-request", query, methods=["POST"]),
        Route("/session/v1/login-request", login, methods=["POST"]),
        Route("/chunks/{result}/{index}", chunk),
        *fakesnow_server.routes,
    ]
)
tls = {"ssl_certfile": options["certificate"], "ssl_keyfile": options["key"]} if "certificate" in options else {}
Server(uvicorn.Config(Told(app), host="127.0.0.1", port=options["port"], log_level="warning", **tls)).run()
