"""What Schemathesis takes for invalid and no server can tell from what is valid; and what it knows by other names."""
import re

import schemathesis

schemathesis.serializer.alias("application/text", "text/plain")
schemathesis.serializer.alias("video/mp4", "application/octet-stream")
schemathesis.serializer.alias("model/gltf+json", "application/json")


@schemathesis.hook
def filter_case(context, case):
    return is_told_apart_in_query(case) and is_told_apart_in_body(case)


def is_told_apart_in_query(case):
    """Query parameters are text: where an object's members are, `a=1` is valid, whatever it was made from. Schemathesis has
    written null and truth values as text by now."""
    query = dict(case.query or {})
    schemas = {parameter.name: parameter.definition.get("schema", {}) for parameter in case.operation.query}
    for name, schema in schemas.items():
        members = resolved(whole(case, schema), schema).get("additionalProperties")
        if isinstance(members, dict) and members.get("type") == "string":
            written = query.get(name, {other: value for other, value in query.items() if other not in schemas})
            is_text = lambda value: isinstance(value, str) and value not in ("null", "true", "false")
            if isinstance(written, dict) and not all(is_text(value) for value in written.values()):
                return False
    return True


def is_told_apart_in_body(case):
    """In plain text all is text, and so is what a form has for a text; a file of a form may hold any JSON. A form and XML
    write a list of one as the one; a form writes an empty list as nothing at all. XML writes what is empty as an empty element,
    whatever its kind, an empty list in place of something else as nothing, and as the whole as no body."""
    xml = case.media_type in ("application/xml", "text/xml")
    if xml and isinstance(case.body, list) or case.media_type == "application/text" and not isinstance(case.body, str):
        return False
    form = case.media_type in ("application/x-www-form-urlencoded", "multipart/form-data")
    if not (form or xml) or not isinstance(case.body, dict):
        return True
    multipart = case.media_type == "multipart/form-data"
    if multipart and any(re.search(r"[\x00-\x1f\x7f]", name) for name in case.body):
        return False  # no header of a part may hold a control character (RFC 9110, 5.5)
    items = [item for value in case.body.values() for item in (value if isinstance(value, list) else [value])]
    if case.media_type == "application/x-www-form-urlencoded" and any(isinstance(item, dict) for item in items):
        return False  # of an object in a form Schemathesis writes the names alone
    schema = case.operation.body[0].raw_schema if case.operation.body else {}
    root = whole(case, schema)
    schema = resolved(root, schema)
    kinds = {name: resolved(root, member).get("type") for name, member in schema.get("properties", {}).items()}
    if form and any(kinds.get(name) == "array" and name not in case.body for name in schema.get("required", [])):
        return False
    if xml and has_lost_list(root, schema, case.body):
        return False
    others = schema.get("additionalProperties")
    other = resolved(root, others).get("type") if isinstance(others, dict) else None
    return not any(
        kind == "array" and not isinstance(value, list)
        or kind == "object" and xml and value in ("", None, [])
        or kind == "string" and form and (value is None or isinstance(value, (bool, int, float)))
        or kind == "string" and multipart and isinstance(value, (dict, list))
        for kind, value in ((kinds.get(name, other), value) for name, value in case.body.items())
    )


def has_lost_list(root, schema, value):
    """Whether an empty list stands somewhere in place of something else."""
    schema = resolved(root, schema)
    if isinstance(value, dict):
        members = schema.get("properties", {})
        return any(has_lost_list(root, members.get(name, {}), member) for name, member in value.items())
    if isinstance(value, list):
        lost = value == [] and schema.get("type", "array") != "array"
        return lost or any(has_lost_list(root, schema.get("items", {}), item) for item in value)
    return False


def resolved(root, schema):
    """What a schema refers to, from the whole that it is in."""
    while "$ref" in schema:
        steps, schema = schema["$ref"].split("/")[1:], root
        for step in steps:
            schema = schema[step.replace("~1", "/").replace("~0", "~")]
    return schema


def whole(case, schema):
    """Schemathesis puts what is referred to beside a schema, or leaves it in the document."""
    return {**case.operation.schema.raw_schema, **schema}
