"""The OpenAPI document of what the emulator speaks, made from the same tables as its answers."""

from __future__ import annotations

import re
from functools import lru_cache

from wa_omnichannel.emulator.behaviour.problems import REFUSALS
from wa_omnichannel.emulator.rest.fields import CONTENT_TYPES, FIELDS, NULLABLE, OPENAPI_DATE
from wa_omnichannel.emulator.rest.routes import OPERATIONS, Operation

_PARAMETER = re.compile(r"\{(\w+)\}")
_FORM = "application/x-www-form-urlencoded"
_OBJECTS = frozenset({"variables", "types", "configuration", "webhook", "profile"})
_REPEATED = frozenset({"Language", "ContentType", "ChannelEligibility", "MediaUrl", "PersistentAction"})

Json = dict[str, object]


@lru_cache
def document() -> Json:
    """Return the OpenAPI 3.1 document.

    >>> sorted(document()["paths"]["/v1/Alerts"])
    ['get']
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Local Twilio",
            "version": OPENAPI_DATE,
            "description": f"Fields as in Twilio's OpenAPI documents of {OPENAPI_DATE}.",
        },
        "security": [{"account": []}],
        "paths": {
            path: {verb.lower(): _operation(path, verb, operation) for verb, operation in verbs.items()}
            for path, verbs in OPERATIONS.items()
        },
        "components": {
            "securitySchemes": {"account": {"type": "http", "scheme": "basic"}},
            "schemas": {**{name: _schema(name) for name in FIELDS}, "error": _error()},
        },
    }


def _operation(path: str, verb: str, operation: Operation) -> Json:
    doc = (operation.handler.__doc__ or "").partition("\n")[0]
    described: Json = {
        "operationId": f"{operation.handler.__name__}{'_json' if path.endswith('}.json') and verb == 'DELETE' else ''}",
        "summary": doc,
        "parameters": [
            *(_parameter(name, "path") for name in _PARAMETER.findall(path)),
            *(_parameter(name, "query") for name in operation.query),
        ],
        "responses": {str(operation.status): _success(operation), "4XX": _failure()},
    }
    if operation.open:
        described["security"] = []
    if operation.form or operation.body:
        described["requestBody"] = _request_body(operation)
    return described


def _parameter(name: str, place: str) -> Json:
    return {"name": name, "in": place, "required": place == "path", "schema": _value(name)}


def _value(name: str) -> Json:
    return {"type": "array", "items": {"type": "string"}} if name in _REPEATED else {"type": "string"}


def _request_body(operation: Operation) -> Json:
    if operation.form:
        properties: Json = {name: _value(name) for name in operation.form}
        return {"content": {_FORM: {"schema": {"type": "object", "properties": properties}}}}
    properties = {name: {"type": "object"} if name in _OBJECTS else {} for name in operation.body}
    if "types" in properties:
        properties["types"] = {"type": "object", "properties": {name: _content(name) for name in CONTENT_TYPES}}
    return {"content": {"application/json": {"schema": {"type": "object", "properties": properties}}}}


def _content(name: str) -> Json:
    return {"type": "object", "required": list(CONTENT_TYPES[name])}


def _success(operation: Operation) -> Json:
    name = operation.resource.strip("[]")
    if not name:
        return {"description": "No JSON"}
    schema: Json = {"$ref": f"#/components/schemas/{name}"}
    if operation.resource.startswith("["):
        schema = {"type": "object", "description": f"A page of {name} records"}
    return {"description": name, "content": {"application/json": {"schema": schema}}}


def _failure() -> Json:
    schema = {"$ref": "#/components/schemas/error"}
    return {"description": "A refusal", "content": {"application/json": {"schema": schema}}}


def _schema(name: str) -> Json:
    nullable = NULLABLE.get(name, frozenset())
    properties = {field: {"description": "may be null"} if field in nullable else {} for field in FIELDS[name]}
    return {"type": "object", "required": list(FIELDS[name]), "properties": properties}


def _error() -> Json:
    return {
        "type": "object",
        "required": ["code", "message", "more_info", "status"],
        "properties": {"code": {"type": "integer", "examples": sorted(REFUSALS)}},
    }
