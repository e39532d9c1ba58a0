"""Looking into plain data that may have any shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def mapping(data: object) -> Mapping[str, Any]:
    """Return *data* if it is a mapping, otherwise an empty one."""
    return data if isinstance(data, Mapping) else {}  # pyright: ignore[reportUnknownVariableType]


def is_mapping(data: object) -> bool:
    """Tell whether *data* is a mapping."""
    return isinstance(data, Mapping)


def is_list(data: object) -> bool:
    """Tell whether *data* is a list."""
    return isinstance(data, list | tuple)


def items(data: object) -> Sequence[Any]:
    """Return *data* if it is a list, otherwise an empty one."""
    return data if isinstance(data, list | tuple) else ()  # pyright: ignore[reportUnknownVariableType]
