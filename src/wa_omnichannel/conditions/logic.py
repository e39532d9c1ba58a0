"""What can be proven about conditions without an item: that one never holds, or that one implies another.

Both answers are cautious. True is a proof; False means only that nothing was proven. So a rule that is
reported as dead is dead, but not every dead rule is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

import attrs

from wa_omnichannel.conditions.operators import Pattern
from wa_omnichannel.conditions.tree import All, AnyOf, Condition, Not, Test, conjuncts
from wa_omnichannel.conditions.values import Kind, Scalar, kind_of, normal

_BOUNDS: Mapping[str, Callable[[Any], tuple[Any, bool, Any, bool]]] = {
    "less": lambda value: (None, False, value, False),
    "at_most": lambda value: (None, False, value, True),
    "greater": lambda value: (value, False, None, False),
    "at_least": lambda value: (value, True, None, False),
}


@attrs.frozen
class _Range:
    """The values between two ends, which may be missing or left out."""

    low: Any
    with_low: bool
    high: Any
    with_high: bool

    @property
    def is_empty(self) -> bool:
        if self.low is None or self.high is None:
            return False
        if self.low == self.high:
            return not (self.with_low and self.with_high)
        return bool(self.low > self.high)

    def meet(self, other: _Range) -> _Range:
        """Return the values in both ranges."""
        return _Range(*_tighter(self, other, "low"), *_tighter(self, other, "high"))

    def within(self, other: _Range) -> bool:
        """Tell whether every value of this range is in *other*."""
        return self.meet(other) == self


def _tighter(one: _Range, two: _Range, end: str) -> tuple[Any, bool]:
    (a, with_a), (b, with_b) = ((getattr(r, end), getattr(r, f"with_{end}")) for r in (one, two))
    if a is None or b is None:
        return (b, with_b) if a is None else (a, with_a)
    if a == b:
        return a, with_a and with_b
    first_wins = a > b if end == "low" else a < b
    return (a, with_a) if first_wins else (b, with_b)


def _range(test: Test) -> _Range | None:
    if test.operator == "between":
        low, high = (normal(end) for end in cast("tuple[Scalar, Scalar]", test.value))
        past_midnight = kind_of(low) is Kind.TIME and low > high
        return None if past_midnight else _Range(low, True, high, True)
    bounds = _BOUNDS.get(test.operator)
    return _Range(*bounds(normal(test.value))) if bounds else None


def _values(test: Condition) -> tuple[Scalar, ...] | None:
    """Return the only values that pass *test*, or None if it does not list them."""
    if not isinstance(test, Test) or test.operator not in ("equals", "in"):
        return None
    return cast("tuple[Scalar, ...]", test.value if isinstance(test.value, tuple) else (test.value,))


def never(condition: Condition) -> bool:
    """Tell whether it is proven that *condition* holds for no item.

    >>> never(Test("n", "less", 3) & Test("n", "greater", 5))
    True
    """
    if isinstance(condition, AnyOf):
        return all(map(never, condition.parts))
    if isinstance(condition, Not):
        return implies(All(), condition.part)
    parts = tuple(conjuncts(condition))
    if any(isinstance(part, AnyOf | Not) and never(part) for part in parts):
        return True
    if any(isinstance(part, Not) and _some(parts, part.part) for part in parts):
        return True
    tests = [part for part in parts if isinstance(part, Test)]
    return any(map(_clash, _by_attribute(tests)))


def _by_attribute(tests: Iterable[Test]) -> Iterable[list[Test]]:
    groups: dict[str, list[Test]] = {}
    for test in tests:
        groups.setdefault(test.attribute, []).append(test)
    return groups.values()


def _clash(tests: list[Test]) -> bool:
    """Tell whether no value passes all *tests*, which are about one attribute."""
    kinds = {kind for kind in map(_kind, tests) if kind is not None}
    if len(kinds) > 1:
        return True
    for test in tests:
        values = _values(test)
        if values is not None:
            return not any(all(other.holds({test.attribute: value}) for other in tests) for value in values)
    whole = _Range(None, False, None, False)
    for found in filter(None, map(_range, tests)):
        whole = whole.meet(found)
    return whole.is_empty


def _kind(test: Test) -> Kind | None:
    """Return the only kind of value that passes *test*, or None if there are several."""
    if isinstance(test.value, Pattern):
        return Kind.TEXT
    if test.operator in ("contains", "is_set"):
        return None
    return kind_of(test.value[0] if isinstance(test.value, tuple) else test.value)


def implies(one: Condition, other: Condition) -> bool:
    """Tell whether it is proven that *other* holds whenever *one* does.

    >>> implies(Test("n", "equals", 4) & Test("vip", "equals", True), Test("n", "less", 5))
    True
    """
    if isinstance(one, AnyOf):
        return all(implies(part, other) for part in one.parts)
    if isinstance(other, All):
        return all(implies(one, part) for part in other.parts)
    if isinstance(other, AnyOf) and any(implies(one, part) for part in other.parts):
        return True
    return _some(tuple(conjuncts(one)), other)


def _some(parts: tuple[Condition, ...], other: Condition) -> bool:
    """Tell whether one of *parts*, which all hold, is enough for *other*."""
    if isinstance(other, Not) and never(other.part):
        return True
    return any(part == other or _follows(part, other) for part in parts)


def _follows(part: Condition, other: Condition) -> bool:
    if isinstance(part, AnyOf):
        return all(implies(choice, other) for choice in part.parts)
    if isinstance(other, Not):
        return _excludes(part, other.part)
    if isinstance(other, All):
        return all(_follows(part, piece) for piece in other.parts)
    if isinstance(other, AnyOf):
        return any(_follows(part, piece) for piece in other.parts)
    return isinstance(part, Test) and part.attribute == other.attribute and _stronger(part, other)


def _excludes(part: Condition, other: Condition) -> bool:
    """Tell whether *other* cannot hold where *part* does."""
    if isinstance(part, Not):
        return implies(other, part.part)
    return isinstance(part, Test) and isinstance(other, Test) and never(All((part, other)))


def _stronger(one: Test, other: Test) -> bool:
    """Tell whether whatever passes *one* passes *other*; both are about the same attribute."""
    values = _values(one)
    if values is not None:
        if one.case is not other.case and any(isinstance(value, str) for value in values):
            return False
        return all(other.holds({other.attribute: value}) for value in values)
    if other.operator == "is_set":
        return one.operator != "not_equals"
    ranges = _range(one), _range(other)
    if ranges[0] is not None and ranges[1] is not None:
        return _kind(one) is _kind(other) and ranges[0].within(ranges[1])
    return one.case is other.case and _narrower_text(one, other)


_TEXT_PARTS = {"begins": ("begins", "contains"), "ends": ("ends", "contains"), "contains": ("contains",)}


def _narrower_text(one: Test, other: Test) -> bool:
    if other.operator not in _TEXT_PARTS.get(one.operator, ()):
        return False
    if not isinstance(one.value, str) or not isinstance(other.value, str):
        return False
    if one.operator == "contains":
        return one.value == other.value  # of a list, contains is about whole elements
    return other.holds({other.attribute: one.value})
