"""Careful reading of JSON: what is not there, or is something else, is empty."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias, cast

Json: TypeAlias = Mapping[str, Any]
"""A JSON object."""

_EMPTY: Json = {}


def child(value: object, name: str) -> Json:
    """Return the object called *name* in *value*; an empty one if there is none.

    >>> child({"a": {"b": 1}}, "a"), child({"a": 1}, "a"), child(None, "a")
    ({'b': 1}, {}, {})
    """
    found = value.get(name) if isinstance(value, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return cast("Json", found) if isinstance(found, dict) else _EMPTY


def children(value: object, name: str) -> list[Json]:
    """Return the objects in the list called *name* in *value*.

    >>> children({"a": [{"b": 1}, 2]}, "a")
    [{'b': 1}]
    """
    found: object = value.get(name) if isinstance(value, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    listed = cast("list[object]", found) if isinstance(found, list) else []
    return [cast("Json", each) for each in listed if isinstance(each, dict)]


def first(value: object, name: str) -> Json:
    """Return the first object in the list called *name* in *value*; an empty one if there is none."""
    return next(iter(children(value, name)), _EMPTY)


def text(value: Json, name: str) -> str:
    """Return the text called *name*, or the number as text; blank if there is none.

    >>> text({"a": "x", "b": 7}, "a"), text({"b": 7}, "b"), text({"a": ["x"]}, "a")
    ('x', '7', '')
    """
    found = value.get(name)
    if isinstance(found, str):
        return found if found.isascii() else _whole(found)
    return str(found) if isinstance(found, int | float) and not isinstance(found, bool) else ""


def code(value: Json) -> int | None:
    """Return the error code of an error object, if it has one."""
    found = value.get("code")
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def compact(value: object) -> str:
    """Return *value* as JSON text, the same for the same value."""
    return _whole(json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def _whole(found: str) -> str:
    """Replace halves of characters, which JSON can hold and nothing else can."""
    return found.encode(errors="replace").decode()
