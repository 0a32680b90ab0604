"""Posts operations that hypothesis-graphql makes from a schema, and prints what was answered, as JSON.

Arguments: the schema's file, the address of the API, how many operations of each root field and mode, and for how many
seconds at most.
"""
import json
import sys
import time
import urllib.error
import urllib.request
from collections import Counter

from graphql import build_schema
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis_graphql import Mode, from_schema, nodes

path, url, count, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
with open(path, encoding="utf-8") as file:
    schema = build_schema(file.read())

scalars = {
    "JSON": st.one_of(
        st.integers(-100, 100).map(nodes.Int),
        st.booleans().map(nodes.Boolean),
        st.text(max_size=20).map(nodes.String),
    ),
    "DateTime": st.datetimes().map(lambda at: nodes.String(at.isoformat() + "Z")),
}
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
answers = Counter()
faults = []


class Enough(Exception):
    """The time is over."""


def post(query):
    body = json.dumps({"query": query}).encode("utf-8")
    headers = {"content-type": "application/json", "accept": "application/graphql-response+json"}
    request = urllib.request.Request(url, data=body, headers=headers)
    try:
        with opener.open(request, timeout=30) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def run(field, mode, until):
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(from_schema(schema, fields=[field], custom_scalars=scalars, mode=mode))
    def send(query):
        if time.monotonic() > until:
            raise Enough
        status, text = post(query)
        answer = json.loads(text)
        answers[mode.name.lower()] += 1
        answers[f"status {status}"] += 1
        if "errors" not in answer:
            answers["data"] += 1
        for error in answer.get("errors", []):
            code = error.get("extensions", {}).get("code")
            answers[str(code)] += 1
            if status >= 500 or code in (None, "INTERNAL_SERVER_ERROR"):
                faults.append({"query": query[:4000], "answer": answer})

    try:
        send()
    except Enough:
        pass
    except InvalidArgument:
        # Some fields cannot be asked for wrongly.
        answers["not possible"] += 1


# One field at a time: of all together the tool makes operations for minutes that are too large to be read.
fields = [*schema.query_type.fields, *schema.mutation_type.fields]
runs = [(field, mode) for field in fields for mode in (Mode.POSITIVE, Mode.NEGATIVE)]
begin = time.monotonic()
for index, (field, mode) in enumerate(runs):
    run(field, mode, begin + seconds * (index + 1) / len(runs))
print(json.dumps({"seconds": round(time.monotonic() - begin), "answers": answers, "faults": faults[:3]}))
