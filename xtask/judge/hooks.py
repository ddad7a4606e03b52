"""What Schemathesis takes for invalid and no server can tell from what is valid; and a name of plain text."""
import schemathesis

schemathesis.serializer.alias("application/text", "text/plain")


@schemathesis.hook
def filter_case(context, case):
    return is_told_apart_in_query(case) and is_told_apart_in_body(case)


def is_told_apart_in_query(case):
    """Query parameters are text: where an object's members are, `a=1` is valid, whatever it was made from."""
    for parameter in case.operation.query:
        members = resolved(case, parameter.definition.get("schema", {})).get("additionalProperties")
        value = (case.query or {}).get(parameter.name)
        if members == {"type": "string"} and isinstance(value, dict):
            if not all(isinstance(member, str) for member in value.values()):
                return False
    return True


def is_told_apart_in_body(case):
    """A form writes a list of one text as the text; XML writes a list of one as the one, an empty one as no body; in
    plain text all is text."""
    if case.media_type in ("application/xml", "text/xml"):
        return not isinstance(case.body, list)
    if case.media_type == "application/text":
        return isinstance(case.body, str)
    form = case.media_type in ("application/x-www-form-urlencoded", "multipart/form-data")
    if not (form and isinstance(case.body, dict)):
        return True
    values = list(case.body.values())
    if any(isinstance(value, dict) for value in sum((value for value in values if isinstance(value, list)), values)):
        return False  # of an object in a form Schemathesis writes the names alone
    schema = resolved(case, case.operation.body[0].raw_schema if case.operation.body else {})
    lists = {name for name, value in schema.get("properties", {}).items() if value.get("type") == "array"}
    return not any(name in lists and not isinstance(value, list) for name, value in case.body.items())


def resolved(case, schema):
    """What a schema refers to: Schemathesis puts what is referred to beside the reference, or leaves it in the document."""
    document = {**case.operation.schema.raw_schema, **schema}
    while "$ref" in schema:
        steps, schema = schema["$ref"].split("/")[1:], document
        for step in steps:
            schema = schema[step.replace("~1", "/").replace("~0", "~")]
    return schema
