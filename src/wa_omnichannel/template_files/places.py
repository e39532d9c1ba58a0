"""Places in a file: where a value stands, and where a character of it stands."""

from __future__ import annotations

from typing import TypeAlias

import attrs

FieldPath: TypeAlias = tuple[str | int, ...]
"""Keys and indexes that lead to a value."""


@attrs.frozen
class Mark:
    """A place in a file, counted from 1."""

    line: int
    column: int


@attrs.frozen
class Scalar:
    """A value of a YAML file as it stands there: between two offsets, in one of YAML's styles."""

    mark: Mark
    start: int
    end: int
    style: str | None
    text: str


def inside(source: str, scalar: Scalar, offset: int) -> Mark:
    """Return the place of the character *offset* of a text; its beginning, where escapes or folding hide it."""
    if scalar.style == "|":
        before = scalar.text[:offset]
        row = scalar.mark.line + 1 + before.count("\n")
        line = scalar.text.split("\n")[before.count("\n")]
        indent = source.split("\n")[row - 1].find(line)
        return Mark(row, indent + len(before.rpartition("\n")[2]) + 1)
    written = source.find(scalar.text, scalar.start, scalar.end)
    if written < 0 or scalar.style == ">":
        return scalar.mark
    at = written + offset
    return Mark(source.count("\n", 0, at) + 1, at - source.rfind("\n", 0, at))
