"""The JSON Schema of settings files as tables for people: every key, its value, its default, what it does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from wa_omnichannel.settings.plain import items, mapping
from wa_omnichannel.settings.schemas import schema

_WORDS: Mapping[str, str] = {
    "string": "text",
    "integer": "number",
    "number": "number",
    "boolean": "true or false",
    "object": "keys and values",
    "null": "",
}
_HEAD = "| Key | Value | Default | |\n|---|---|---|---|"
_REFERENCE = "$ref"


def tables() -> str:
    """Return the tables in Markdown: first that of the file, then each part by its name.

    >>> tables().splitlines()[0]
    '## The file'
    """
    whole = schema()
    parts: dict[str, Any] = whole["$defs"]
    titles = {name: _title(name) for name in sorted(_reached(whole, parts), key=lambda name: _title(name).lower())}
    text = ["## The file", "", *_table(whole, titles), ""]
    for name, title in titles.items():
        text += [f"### {title}", "", *_part(parts[name], titles), ""]
    return "\n".join(text)


def _title(name: str) -> str:
    """Return a heading; of parts with the same name each says where it belongs.

    >>> _title("Queue"), _title("wa_omnichannel__overflow__Action")
    ('Queue', 'Action of overflow')
    """
    *path, last = name.split("__")
    return f"{last} of {path[1].strip('_')}" if path else last


def _reached(whole: Mapping[str, Any], parts: Mapping[str, Any]) -> set[str]:
    """Return the parts that a file can hold."""
    found: set[str] = set()
    waiting = set(_referred(whole.get("properties")))
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= set(_referred(parts[name])) - found
    return found


def _referred(data: object) -> Iterator[str]:
    fields = mapping(data)
    if isinstance(fields.get(_REFERENCE), str):
        yield fields[_REFERENCE].rpartition("/")[2]
    for below in (*fields.values(), *items(data)):
        yield from _referred(below)


def _part(part: Mapping[str, Any], titles: Mapping[str, str]) -> Iterator[str]:
    said = part.get("description", "")
    if said:
        yield _prose(said)
    if "enum" in part:
        yield from (["", _choices(part)] if said else [_choices(part)])
    elif part.get("properties"):
        yield from ([""] if said else [])
        yield from _table(part, titles)


def _choices(part: Mapping[str, Any]) -> str:
    return ", ".join(f"`{choice}`" for choice in part["enum"])


def _table(part: Mapping[str, Any], titles: Mapping[str, str]) -> Iterator[str]:
    yield _HEAD
    required = part.get("required", ())
    for name, field in part["properties"].items():
        default = "required" if name in required else f"`{_default(field)}`"
        yield f"| `{name}` | {_value(field, titles)} | {default} | {_prose(field.get('description', ''))} |"


def _default(field: Mapping[str, Any]) -> str:
    return json.dumps(field.get("default"), ensure_ascii=False)


def _prose(text: str) -> str:
    return text.replace("``", "`").replace("|", "\\|")


def _value(field: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    """Return what may stand there, in words."""
    if _REFERENCE in field:
        title = titles[field[_REFERENCE].rpartition("/")[2]]
        return f"[{title}](#{title.lower().replace(' ', '-')})"
    if "anyOf" in field or "oneOf" in field:
        told = (_value(each, titles) for each in field.get("anyOf", field.get("oneOf")))
        return " or ".join(dict.fromkeys(each for each in told if each))
    if field.get("type") == "array":
        return f"list of {_value(field.get('items', {}), titles)}"
    if isinstance(field.get("additionalProperties"), Mapping):
        return f"by name: {_value(field['additionalProperties'], titles)}"
    return _choices(field) if "enum" in field else _WORDS.get(field.get("type", ""), "value")
