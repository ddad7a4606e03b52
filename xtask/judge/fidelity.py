"""Judges a mock's answers by the document alone: a question a line as JSON, a line with the fault, or an empty one.

It reads the document anew, with PyYAML and openapi-schema-validator, so that what it agrees with is no reading of ours.
A question holds `file` and `pointer` of the operation, `root`, the document, and `status`, `headers` and `body` of the
answer, in which a character is a byte.
"""
import json
import re
import sys
import urllib.parse
import xml.etree.ElementTree
from functools import lru_cache
from pathlib import Path

import yaml
from jsonschema import _keywords, validators
from openapi_schema_validator import (
    OAS30ReadValidator, OAS31Validator, OAS32Validator,
    oas30_format_checker, oas31_format_checker, oas32_format_checker,
)

from referencing import Registry, Resource, Specification
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML 1.2's scalars: no dates, `yes` and `no` are texts."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, regex) for tag, regex in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in Loader.yaml_implicit_resolvers.items()
}
for first in "yYnNoO":
    Loader.yaml_implicit_resolvers[first] = [
        (tag, regex) for tag, regex in Loader.yaml_implicit_resolvers.get(first, [])
        if tag != "tag:yaml.org,2002:bool"
    ]


def with_texts_for_keys(value):
    if isinstance(value, dict):
        return {str(key): with_texts_for_keys(member) for key, member in value.items()}
    return [with_texts_for_keys(item) for item in value] if isinstance(value, list) else value


@lru_cache(maxsize=None)
def contents(uri):
    text = Path(urllib.parse.unquote(urllib.parse.urlparse(uri).path)).read_text(encoding="utf-8-sig")
    try:
        return json.loads(text)
    except ValueError:
        return with_texts_for_keys(yaml.load(text, Loader=Loader))


def required(validator, names, instance, schema):
    """What a client alone sends is required of clients alone, in 3.1 as 3.0 has it (OAS 3.0.4, 4.7.24.2)."""
    properties = schema.get("properties", {})
    sent = [name for name in names if not is_write_only(validator, properties.get(name))]
    yield from _keywords.required(validator, sent, instance, schema)


def unless_null(keyword):
    """`nullable` lets null through whatever stands beside it, as documents of 3.0 mean it, not beside `type` alone."""
    def check(validator, value, instance, schema):
        if instance is None and (schema.get("nullable") is True or schema.get("type") == "null"):
            return None
        return keyword(validator, value, instance, schema)

    return check


def is_write_only(validator, schema):
    while isinstance(schema, dict) and "$ref" in schema and "writeOnly" not in schema:
        schema = validator._resolver.lookup(schema["$ref"]).contents
    return isinstance(schema, dict) and schema.get("writeOnly") is True


# A discriminator narrows nothing in JSON Schema: the branches are judged as they stand.
PLAIN = {"oneOf": _keywords.oneOf, "anyOf": _keywords.anyOf, "allOf": _keywords.allOf, "discriminator": lambda *_: None}
MODERN = {**PLAIN, "required": required}
KINDS = OAS30ReadValidator.TYPE_CHECKER.redefine("null", lambda _, instance: instance is None)
OLDER = {name: unless_null({**OAS30ReadValidator.VALIDATORS, **PLAIN}[name]) for name in ("allOf", "oneOf", "anyOf", "$ref", "enum", "type")}
DIALECTS = {
    "3.1": (validators.extend(OAS31Validator, MODERN), oas31_format_checker, DRAFT202012),
    "3.2": (validators.extend(OAS32Validator, MODERN), oas32_format_checker, DRAFT202012),
    "3.0": (validators.extend(OAS30ReadValidator, {**PLAIN, **OLDER}, type_checker=KINDS), oas30_format_checker, Specification.OPAQUE),
}


@lru_cache(maxsize=None)
def version(root):
    return str(contents(root).get("openapi", "3.0"))[:3]


@lru_cache(maxsize=None)
def registry(root):
    specification = DIALECTS[version(root)][2]
    return Registry(retrieve=lambda uri: Resource(contents=contents(uri), specification=specification))


@lru_cache(maxsize=None)
def validator(root, place):
    make, formats, _ = DIALECTS[version(root)]
    return make({"$ref": place}, registry=registry(root), format_checker=formats)


TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]\d\d:\d\d)", re.I)
for _, formats, _ in DIALECTS.values():  # RFC 3339's full-time: the library's own `time` knows no offset
    formats.checkers["time"] = (lambda text: not isinstance(text, str) or bool(TIME.fullmatch(text)), ())


class Node:
    """A value of a document and where it stands, references followed."""

    def __init__(self, uri, steps, value):
        for _ in range(20):
            if not (isinstance(value, dict) and isinstance(value.get("$ref"), str)):
                break
            target, _, fragment = urllib.parse.urljoin(uri, value["$ref"]).partition("#")
            steps = [urllib.parse.unquote(step).replace("~1", "/").replace("~0", "~") for step in fragment.split("/")[1:]]
            uri, value = target, walk(contents(target), steps)
        self.uri, self.steps, self.value = uri, steps, value

    def get(self, *steps):
        node = self
        for step in steps:
            if not isinstance(node.value, dict) or step not in node.value:
                return None
            node = Node(node.uri, [*node.steps, step], node.value[step])
        return node

    def keys(self):
        return list(self.value) if isinstance(self.value, dict) else []

    @property
    def place(self):
        steps = "".join("/" + urllib.parse.quote(step.replace("~", "~0").replace("/", "~1"), safe="~") for step in self.steps)
        return f"{self.uri}#{steps}"


def walk(value, steps):
    for step in steps:
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


def fault_of(root, schema, value):
    """What a schema has against a value. `None`: nothing, or this validator cannot say."""
    error = next(validator(root, schema.place).iter_errors(value), None)
    if error is None:
        return None
    below = "; ".join(f"{'/'.join(map(str, e.absolute_path))}: {e.message[:120]}" for e in (error.context or [])[:3])
    return f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" + (f" ({below})" if below else "")


def response_of(operation, status):
    for key in (str(status), f"{status // 100}XX", f"{status // 100}xx", "default"):
        if response := operation.get("responses", key):
            return response
    return None


def representation(content, found):
    """The documented type that a type is of: the type itself, else the narrowest range."""
    def essence(name):
        return name.split(";")[0].strip().lower()

    for wanted in (essence(found), found.split("/")[0].strip().lower() + "/*", "*/*"):
        for name in content.keys():
            if essence(name) == wanted or (wanted == essence(found) and "*+" in name and essence(found).endswith("json")):
                return content.get(name)
    return None


def scalar(schema, text):
    """A header's text as the value that its schema speaks of."""
    kinds = schema.value.get("type") if isinstance(schema.value, dict) else None
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if "array" in kinds:
        items = schema.get("items")
        return [scalar(items, item.strip()) if items else item.strip() for item in text.split(",")]
    if {"integer", "number"} & set(kinds) and re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", text):
        return json.loads(text)
    return {"true": True, "false": False}.get(text, text) if "boolean" in kinds else text


def headers_fault(root, response, headers):
    for name in (response.get("headers") or Node("", [], {})).keys():
        header = response.get("headers", name)
        if name.lower() in ("content-type", "content-encoding", "connection", "transfer-encoding", "date"):
            continue
        if name.lower() not in headers:
            if header.value.get("required"):
                return f"the header {name} is missing"
            continue
        schema = header.get("schema")
        if schema and not isinstance(schema.value.get("properties"), dict):
            fault = fault_of(root, schema, scalar(schema, headers[name.lower()]))
            if fault:
                return f"the header {name} is `{headers[name.lower()]}`: {fault}"
    return None


def body_fault(root, media, content_type, body):
    essence = content_type.split(";")[0].strip().lower()
    schema = media.get("schema")
    if essence in ("application/jsonl", "application/x-ndjson", "application/json-seq"):
        items = media.get("itemSchema")
        for line in filter(str.strip, body.decode().replace("\x1e", "\n").split("\n")):
            if items and (fault := fault_of(root, items, json.loads(line))):
                return fault
        return None
    if essence.endswith("json"):
        value = json.loads(body)
        return fault_of(root, schema, value) if schema is not None else None
    if essence.endswith("xml"):
        xml.etree.ElementTree.fromstring(body)
    elif essence.startswith("text/"):
        text = body.decode()
        if essence == "text/event-stream" and text.strip() and not re.search(r"^(data|event|id|retry|:)", text, re.M):
            return "there is no event in the stream"
        if schema is not None and essence != "text/event-stream" and schema.value.get("type") == "string":
            return fault_of(root, schema, text)
    elif essence == "application/x-www-form-urlencoded":
        urllib.parse.parse_qsl(body.decode(), strict_parsing=bool(body))
    return None


def judge(question):
    root, file = Path(question["root"]).as_uri(), Path(question["file"]).as_uri()
    steps = [step.replace("~1", "/").replace("~0", "~") for step in question["pointer"].split("/")[1:]]
    operation = Node(file, steps, walk(contents(file), steps))
    status, body = question["status"], question["body"].encode("latin-1")
    headers = {name.lower(): value for name, value in question["headers"]}
    response = response_of(operation, status)
    if status == 501:
        return "impossible: " + json.loads(body).get("detail", "")
    shown = f" `{body[:300].decode('utf-8', 'replace')}`" if status >= 400 else ""
    if not operation.get("responses") or not operation.get("responses").keys():
        return None  # nothing is promised
    if response is None:
        return f"{status} is not documented" + shown
    if status >= 400 and any(key[:1] in "123" for key in operation.get("responses").keys()):
        return f"{status}, where a success is documented" + shown
    if fault := headers_fault(root, response, headers):
        return fault
    if status in (204, 205, 304):  # no body, whatever the document says (RFC 9110, 15.3.5, 15.3.6, 15.4.5)
        return f"{len(body)} bytes came with {status}" if body else None
    content = response.get("content")
    if content is None and "swagger" in contents(root):
        return None
    if content is None or not content.keys():
        return f"{len(body)} bytes came where no body is documented" if body else None
    if question["method"] == "HEAD":
        return None
    if not any("/" in name for name in content.keys()):
        return f"impossible: {content.keys()} names no media type"
    media = representation(content, headers.get("content-type", ""))
    if media is None:
        return f"the content type `{headers.get('content-type')}` is none of {content.keys()}"
    fault = body_fault(root, media, headers["content-type"], body)
    return f"{fault} in `{body[:200].decode('utf-8', 'replace')}`" if fault else None


for line in sys.stdin:
    try:
        verdict = judge(json.loads(line))
    except Unresolvable as error:
        verdict = f"impossible: {error.ref} is out of reach"
    except (KeyError, IndexError) as error:
        verdict = f"impossible: a reference leads nowhere: {error}"
    except Exception as error:  # the judge must answer, and an answer that it cannot read is at fault until shown otherwise
        verdict = f"{type(error).__name__}: {str(error)[:300]}"
    print((verdict or "").replace("\n", " ").replace("\r", " "), flush=True)
