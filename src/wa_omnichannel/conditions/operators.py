"""The operators: which values each takes, and the function that tests an attribute.

Every function is total. A test that cannot be made, because the attribute is absent or of another kind,
does not hold; that includes ``not_equals``.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from datetime import time
from typing import Any, Protocol, TypeAlias, cast

import attrs

from wa_omnichannel.conditions.values import Case, Kind, Scalar, View, kind_of, normal, view_key
from wa_omnichannel.errors import InvalidValue

Predicate: TypeAlias = Callable[[View], bool]
"""A compiled condition."""

ORDERED = frozenset({Kind.NUMBER, Kind.DATE, Kind.INSTANT, Kind.TIME})
"""Kinds that have a less and a more."""


@attrs.frozen
class Pattern:
    """A regular expression that cannot hang; made by an adapter, which also checks it."""

    source: str
    """The expression as it is written in the settings."""
    ignore_case: bool = True
    literal: str = attrs.field(default="", eq=False, repr=False)
    """ASCII text that every match contains, if one is known; it spares most searches."""
    search: Callable[[str], object] = attrs.field(eq=False, repr=False, kw_only=True)
    """Returns something true if the text has a match. Texts come in composed form (NFC)."""


class Patterns(Protocol):
    """Makes patterns (an adapter)."""

    def __call__(self, source: str, *, ignore_case: bool = True) -> Pattern:
        """Return the compiled pattern.

        Raises:
            InvalidValue: It is not a regular expression.
            MissingExtra: The package that searches is not installed.
        """
        ...


Wanted: TypeAlias = Scalar | tuple[Scalar, ...] | Pattern | None
"""What a test compares with: one value, several, a pattern, or nothing."""

_Factory: TypeAlias = Callable[[str, Case, Wanted], Predicate]


def _types(want: object) -> tuple[type, ...]:
    return (int, float) if kind_of(want) is Kind.NUMBER else (type(want),)


def _equals(attribute: str, case: Case, want: Wanted) -> Predicate:
    key, value = view_key(attribute, case), normal(want, case)
    return lambda view: view[key] == value


def _not_equals(attribute: str, case: Case, want: Wanted) -> Predicate:
    key, value = view_key(attribute, case), normal(want, case)
    types = _types(value)
    return lambda view: type(view[key]) in types and view[key] != value


def _in(attribute: str, case: Case, want: Wanted) -> Predicate:
    key, values = view_key(attribute, case), frozenset(several(want, case))
    return lambda view: view[key] in values


def several(want: Wanted, case: Case) -> tuple[Any, ...]:
    """Return the normal forms of the values of ``equals`` or ``in``."""
    return tuple(normal(part, case) for part in (want if isinstance(want, tuple) else (want,)))


def _contains(attribute: str, case: Case, want: Wanted) -> Predicate:
    key, value = view_key(attribute, case), normal(want, case)
    types = (str, tuple) if isinstance(value, str) else (tuple,)
    return lambda view: type(have := view[key]) in types and value in have


def _begins(attribute: str, case: Case, want: Wanted) -> Predicate:
    key, value = view_key(attribute, case), normal(want, case)
    return lambda view: type(have := view[key]) is str and have.startswith(value)


def _ends(attribute: str, case: Case, want: Wanted) -> Predicate:
    key, value = view_key(attribute, case), normal(want, case)
    return lambda view: type(have := view[key]) is str and have.endswith(value)


def _matches(attribute: str, case: Case, want: Wanted) -> Predicate:
    want = cast("Pattern", want)
    raw = view_key(attribute, Case.EXACT)
    guard = view_key(attribute, Case.IGNORE if want.ignore_case else Case.EXACT)
    literal, search = want.literal.lower() if want.ignore_case else want.literal, want.search

    def holds(view: View) -> bool:
        have = view[guard]
        return type(have) is str and literal in have and bool(search(view[raw]))

    return holds


def _ordering(compare: Callable[[Any, Any], bool]) -> _Factory:
    def factory(attribute: str, case: Case, want: Wanted) -> Predicate:
        key, value = view_key(attribute, case), normal(want)
        types = _types(value)
        return lambda view: type(have := view[key]) in types and compare(have, value)

    return factory


def _between(attribute: str, case: Case, want: Wanted) -> Predicate:
    key, (low, high) = view_key(attribute, case), several(want, case)
    types = _types(low)
    if types == (time,) and low > high:  # past midnight
        return lambda view: type(have := view[key]) in types and (have >= low or have <= high)
    return lambda view: type(have := view[key]) in types and low <= have <= high


_UNSET = (None, "", ())


def _is_set(attribute: str, case: Case, want: Wanted) -> Predicate:
    key = view_key(attribute, case)
    return lambda view: view[key] not in _UNSET


def _one(kinds: frozenset[Kind]) -> Callable[[Wanted], bool]:
    return lambda want: kind_of(want) in kinds and want != "" and _finite(want)


def _finite(want: object) -> bool:
    return not isinstance(want, float) or math.isfinite(want)


def _many(want: Wanted, kinds: frozenset[Kind], length: range) -> bool:
    return (
        isinstance(want, tuple)
        and len(want) in length
        and {kind_of(part) for part in want} <= kinds
        and len({kind_of(part) for part in want}) == 1
        and all(map(_finite, want))
    )


_SCALARS = frozenset(Kind) - {Kind.LIST}
_TEXT = frozenset({Kind.TEXT})


@attrs.frozen
class Operator:
    """One operator: the values it takes and how it is compiled."""

    factory: _Factory
    takes: Callable[[Wanted], bool]
    wants: str
    """What a right value looks like."""


_A_VALUE = "Give one text, number, date, instant with time zone, time of day, true or false."
_A_TEXT = "Give a text that is not empty."
_ORDER = "Give a number, a date, an instant with time zone or a time of day."


def _order(compare: Callable[[Any, Any], bool]) -> Operator:
    return Operator(_ordering(compare), _one(ORDERED), _ORDER)


OPERATORS: Mapping[str, Operator] = {
    "equals": Operator(_equals, lambda want: kind_of(want) in _SCALARS and _finite(want), _A_VALUE),
    "not_equals": Operator(_not_equals, lambda want: kind_of(want) in _SCALARS and _finite(want), _A_VALUE),
    "in": Operator(
        _in,
        lambda want: _many(want, _SCALARS, range(1, 100_000)),
        "Give a list of values, all of one kind.",
    ),
    "contains": Operator(_contains, _one(_SCALARS), "Give a text that is not empty, or an element of a list."),
    "begins": Operator(_begins, _one(_TEXT), _A_TEXT),
    "ends": Operator(_ends, _one(_TEXT), _A_TEXT),
    "matches": Operator(_matches, lambda want: isinstance(want, Pattern), "Give a pattern made by an adapter."),
    "less": _order(operator.lt),
    "at_most": _order(operator.le),
    "greater": _order(operator.gt),
    "at_least": _order(operator.ge),
    "between": Operator(
        _between,
        lambda want: _many(want, ORDERED, range(2, 3)),
        "Give two values of one kind: the lowest, the highest.",
    ),
    "is_set": Operator(_is_set, lambda want: want is None, "This operator takes no value."),
}
"""Every operator by name."""


def check_operator(name: str) -> None:
    """Refuse a name that is no operator.

    Raises:
        InvalidValue: There is no such operator.
    """
    if name not in OPERATORS:
        raise InvalidValue("operator", name, f"Use one of: {', '.join(OPERATORS)}.")


def check_wanted(name: str, want: Wanted, case: Case) -> None:
    """Refuse a value that the operator *name* cannot compare with.

    Raises:
        InvalidValue: The value is of the wrong kind, or a pattern comes with a text case of its own.
    """
    if not OPERATORS[name].takes(want):
        raise InvalidValue(name, str(want), OPERATORS[name].wants)
    if isinstance(want, Pattern) and case is not Case.IGNORE:
        raise InvalidValue("case", case.value, "A pattern has its own ignore_case; leave the case of the test out.")
