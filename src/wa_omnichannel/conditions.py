"""Conditions of routing rules: small trees of tests over the attributes of an item.

A condition is data. It is evaluated without executing anything that came from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import attrs

from wa_omnichannel.errors import InvalidValue

Value: TypeAlias = str | int | float | bool
"""What an attribute may hold."""

Attributes: TypeAlias = Mapping[str, Value]
"""The attributes of an item by name; an absent one makes every test but ``is_set`` false."""


def _text(value: Value) -> str:
    return str(value).casefold()


_OPERATORS: Mapping[str, Callable[[Value, Value], bool]] = {
    "equals": lambda have, want: _text(have) == _text(want),
    "not_equals": lambda have, want: _text(have) != _text(want),
    "contains": lambda have, want: _text(want) in _text(have),
    "begins": lambda have, want: _text(have).startswith(_text(want)),
    "ends": lambda have, want: _text(have).endswith(_text(want)),
    "less": lambda have, want: _number(have) < _number(want),
    "at_most": lambda have, want: _number(have) <= _number(want),
    "greater": lambda have, want: _number(have) > _number(want),
    "at_least": lambda have, want: _number(have) >= _number(want),
    "is_set": lambda _have, _want: True,
}

OPERATORS = tuple(_OPERATORS)
"""Names of the operators; texts are compared without regard to case."""


def _number(value: Value) -> float:
    return float("nan") if isinstance(value, str) else float(value)


def _check_operator(_: object, __: object, value: str) -> None:
    if value not in _OPERATORS:
        raise InvalidValue("operator", value, f"Use one of: {', '.join(OPERATORS)}.")


@attrs.frozen
class Test:
    """One comparison of an attribute with a value."""

    attribute: str
    operator: str = attrs.field(validator=_check_operator)
    value: Value = ""

    __test__ = False  # not a test class for pytest

    def holds(self, item: Attributes) -> bool:
        """Tell whether *item* passes the test.

        >>> Test("body", "contains", "factura").holds({"body": "Necesito una Factura"})
        True
        """
        have = item.get(self.attribute)
        return have is not None and _OPERATORS[self.operator](have, self.value)


@attrs.frozen
class All:
    """Every part holds; without parts it always holds."""

    parts: tuple[Condition, ...] = ()

    def holds(self, item: Attributes) -> bool:
        """Tell whether every part holds for *item*."""
        return all(part.holds(item) for part in self.parts)


@attrs.frozen
class AnyOf:
    """At least one part holds."""

    parts: tuple[Condition, ...]

    def holds(self, item: Attributes) -> bool:
        """Tell whether one of the parts holds for *item*."""
        return any(part.holds(item) for part in self.parts)


@attrs.frozen
class Not:
    """The part does not hold."""

    part: Condition

    def holds(self, item: Attributes) -> bool:
        """Tell whether the part does not hold for *item*."""
        return not self.part.holds(item)


Condition: TypeAlias = Test | All | AnyOf | Not
"""A condition tree."""

ALWAYS = All()
"""The condition that holds for every item."""
