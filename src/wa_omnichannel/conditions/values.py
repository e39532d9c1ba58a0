"""What attributes hold, and the normal form in which values are compared.

Texts are brought to Unicode's composed form (NFC) first, so that ``ó`` equals ``o`` with a combining accent.
Values of different kinds are never equal: the text ``1`` is not the number 1, and true is not 1.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from enum import Enum
from functools import lru_cache
from typing import Any, TypeAlias, cast

Scalar: TypeAlias = str | int | float | bool | date | datetime | time
"""A single value: text, number, true or false, date, instant (with time zone) or time of day."""

Value: TypeAlias = Scalar | tuple[Scalar, ...]
"""What an attribute may hold: one value, or a list of values."""

Attributes: TypeAlias = Mapping[str, Value]
"""The attributes of an item by name."""


class Kind(Enum):
    """Kind of a value. Tests compare values of one kind only."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    """True or false."""
    DATE = "date"
    INSTANT = "instant"
    """A date and time with a time zone."""
    TIME = "time"
    """A time of day, as the clock on the wall shows it."""
    LIST = "list"


class Case(Enum):
    """How much of the spelling of a text counts."""

    IGNORE = "ignore"
    """Capitals do not matter (the default)."""
    EXACT = "exact"
    """Every letter counts."""
    LOOSE = "loose"
    """Neither capitals nor accents matter: customers write ``facturacion``."""


_KINDS: Mapping[type, Kind] = {
    str: Kind.TEXT,
    bool: Kind.FLAG,
    int: Kind.NUMBER,
    float: Kind.NUMBER,
    datetime: Kind.INSTANT,
    date: Kind.DATE,
    time: Kind.TIME,
    tuple: Kind.LIST,
    list: Kind.LIST,
}


_BASES = ((str, Kind.TEXT), (int, Kind.NUMBER), (float, Kind.NUMBER))
"""Kinds of classes derived from these, such as enumerations of texts."""


def kind_of(value: object) -> Kind | None:
    """Return the kind of *value*, or None if values like it cannot be compared.

    An instant without a time zone and a time of day with one have no kind.

    >>> kind_of(3.5), kind_of("x"), kind_of(datetime(2026, 1, 1))
    (<Kind.NUMBER: 'number'>, <Kind.TEXT: 'text'>, None)
    """
    kind = _KINDS.get(type(value)) or next((found for base, found in _BASES if isinstance(value, base)), None)
    if isinstance(value, datetime):
        return kind if value.utcoffset() is not None else None
    return None if isinstance(value, time) and value.tzinfo is not None else kind


def _composed(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _bare(text: str) -> str:
    parts = unicodedata.normalize("NFD", text)
    return "".join(part for part in parts if not unicodedata.combining(part)).casefold()


def _folded(text: str) -> str:
    return text.lower() if text.isascii() else _composed(text).casefold()


_SPELLINGS: Mapping[Case, Callable[[str], str]] = {
    Case.IGNORE: _folded,
    Case.EXACT: _composed,
    Case.LOOSE: _bare,
}


class _Flag:
    """Normal form of true and of false: equal to itself only, so that true is not 1."""


_TRUE, _FALSE = _Flag(), _Flag()


def _flag(value: Any) -> Any:
    return _TRUE if value else _FALSE


def _number(value: Any) -> Any:
    if type(value) in (int, float):
        return value
    return int(value) if isinstance(value, int) else float(value)


def _instant(value: Any) -> Any:
    try:
        return value.astimezone(UTC)
    except OverflowError:  # the first or last hours of the calendar
        return None


def _same(value: Any) -> Any:
    return value


_NORMAL: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.FLAG: _flag,
    Kind.NUMBER: _number,
    Kind.INSTANT: _instant,
}


def normal(value: Any, case: Case = Case.IGNORE) -> Any:
    """Return the form of *value* in which it is compared: hashable, and equal exactly for equal values.

    Returns:
        None for a value that is absent or cannot be compared.

    >>> normal("FACTURA"), normal("Está", Case.LOOSE), normal(True) == normal(1)
    ('factura', 'esta', False)
    """
    kind = kind_of(value)
    if isinstance(value, str):
        return _SPELLINGS[case](str.__str__(value))
    if isinstance(value, tuple | list):
        return tuple(normal(part, case) for part in cast("tuple[Any, ...]", value))
    return None if kind is None else _NORMAL.get(kind, _same)(value)


SHORT = 64
"""Texts up to this length are often the same ones: their normal forms are remembered."""


@lru_cache(4096)
def _short(text: str) -> str:
    return _folded(text)


class View(dict[object, Any]):
    """The normal forms of an item's attributes, each made once, when first asked for.

    A key is an attribute's name, or a pair of :class:`Case` and name where capitals or accents matter.

    >>> View({"body": "HOLA"})["body"]
    'hola'
    """

    __slots__ = ("item",)

    def __init__(self, item: Attributes) -> None:
        self.item = item

    def __missing__(self, key: Any) -> Any:
        if type(key) is not str:
            made = normal(self.item.get(key[1]), key[0])
        else:
            value: Any = self.item.get(key)
            if type(value) is str:
                made = _short(value) if len(value) <= SHORT else _folded(value)
            else:
                made = value if type(value) is int or type(value) is float else normal(value)
        self[key] = made
        return made


def view_key(attribute: str, case: Case) -> object:
    """Return the key of *attribute* in a :class:`View`."""
    return attribute if case is Case.IGNORE else (case, attribute)
