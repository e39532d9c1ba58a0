"""Condition trees, and the short way to write them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias, cast

import attrs

from wa_omnichannel.conditions.operators import (
    OPERATORS,
    Operator,
    Pattern,
    Predicate,
    Wanted,
    check_operator,
    check_wanted,
)
from wa_omnichannel.conditions.values import Attributes, Case, Scalar, View


class _Node:
    """What every part of a tree can do."""

    __slots__ = ()

    def __and__(self, other: Condition) -> All:
        return All((*_parts(self, All), *_parts(other, All)))

    def __or__(self, other: Condition) -> AnyOf:
        return AnyOf((*_parts(self, AnyOf), *_parts(other, AnyOf)))

    def __invert__(self) -> Not:
        return Not(cast("Condition", self))

    def predicate(self) -> Predicate:
        """Return the condition as a function of a view; cheap to call, worth keeping."""
        raise NotImplementedError

    def holds(self, item: Attributes) -> bool:
        """Tell whether the condition holds for *item*."""
        return self.predicate()(View(item))


def _parts(node: object, kind: type[All | AnyOf]) -> tuple[Condition, ...]:
    return node.parts if isinstance(node, kind) else (cast("Condition", node),)


def _check_name(_: object, __: object, name: str) -> None:
    check_operator(name)


def _check_value(test: Test, _: object, want: Wanted) -> None:
    check_wanted(test.operator, want, test.case)


def _no_list(want: Wanted | list[Scalar]) -> Wanted:
    return tuple(want) if isinstance(want, list) else want


def _nothing(test: Test) -> Wanted:
    return None if test.operator == "is_set" else ""


@attrs.frozen
class Test(_Node):
    """One comparison of an attribute with a value.

    Raises:
        InvalidValue: There is no such operator, or it cannot compare with this value.

    >>> Test("body", "contains", "factura").holds({"body": "Necesito una Factura"})
    True
    """

    attribute: str
    operator: str = attrs.field(default="equals", validator=_check_name)
    value: Wanted = attrs.field(
        default=attrs.Factory(_nothing, takes_self=True), converter=_no_list, validator=_check_value
    )
    case: Case = Case.IGNORE

    __test__ = False  # not a test class for pytest

    def predicate(self) -> Predicate:
        """Return the test as a function of a view."""
        return self._operator.factory(self.attribute, self.case, self.value)

    @property
    def _operator(self) -> Operator:
        return OPERATORS[self.operator]


@attrs.frozen
class All(_Node):
    """Every part holds; without parts it always holds."""

    parts: tuple[Condition, ...] = ()

    def predicate(self) -> Predicate:
        """Return the condition as a function of a view."""
        return conjunction(self.parts)


def conjunction(parts: tuple[Condition, ...]) -> Predicate:
    """Return the function that tells whether every one of *parts* holds."""
    tests = tuple(part.predicate() for part in parts)
    if len(tests) == 1:
        return tests[0]

    def holds(view: View) -> bool:
        for test in tests:  # noqa: SIM110 - a generator costs more than the tests
            if not test(view):
                return False
        return True

    return holds


@attrs.frozen
class AnyOf(_Node):
    """At least one part holds; without parts it never holds."""

    parts: tuple[Condition, ...]

    def predicate(self) -> Predicate:
        """Return the condition as a function of a view."""
        tests = tuple(part.predicate() for part in self.parts)

        def holds(view: View) -> bool:
            for test in tests:  # noqa: SIM110 - a generator costs more than the tests
                if test(view):
                    return True
            return False

        return holds


@attrs.frozen
class Not(_Node):
    """The part does not hold. True also where the attribute is absent."""

    part: Condition

    def predicate(self) -> Predicate:
        """Return the condition as a function of a view."""
        test = self.part.predicate()
        return lambda view: not test(view)


Condition: TypeAlias = Test | All | AnyOf | Not
"""A condition tree."""

ALWAYS = All()
"""The condition that holds for every item."""


def conjuncts(condition: Condition) -> Iterator[Condition]:
    """Yield the parts that must all hold, those of nested :class:`All` one by one."""
    if isinstance(condition, All):
        for part in condition.parts:
            yield from conjuncts(part)
    else:
        yield condition


def leaves(condition: Condition) -> Iterator[Test]:
    """Yield every test of the tree, from left to right."""
    if isinstance(condition, Test):
        yield condition
    elif isinstance(condition, Not):
        yield from leaves(condition.part)
    else:
        for part in condition.parts:
            yield from leaves(part)


@attrs.frozen
class Where:
    """Tests about one attribute, as :func:`where` begins them."""

    attribute: str
    case: Case = Case.IGNORE

    @property
    def exact(self) -> Where:
        """The same, but capitals matter."""
        return Where(self.attribute, Case.EXACT)

    @property
    def loose(self) -> Where:
        """The same, but neither capitals nor accents matter."""
        return Where(self.attribute, Case.LOOSE)

    def _test(self, operator: str, value: Wanted) -> Test:
        return Test(self.attribute, operator, value, self.case)

    def equals(self, value: Scalar) -> Test:
        """Hold if the attribute is *value*."""
        return self._test("equals", value)

    def not_equals(self, value: Scalar) -> Test:
        """Hold if the attribute is there, of the same kind, and not *value*."""
        return self._test("not_equals", value)

    def one_of(self, *values: Scalar) -> Test:
        """Hold if the attribute is one of *values* (operator ``in``)."""
        return self._test("in", values)

    def contains(self, value: Scalar) -> Test:
        """Hold if the text contains *value*, or the list has it as an element."""
        return self._test("contains", value)

    def begins(self, text: str) -> Test:
        """Hold if the text begins with *text*."""
        return self._test("begins", text)

    def ends(self, text: str) -> Test:
        """Hold if the text ends with *text*."""
        return self._test("ends", text)

    def matches(self, pattern: Pattern) -> Test:
        """Hold if the text has a match of *pattern* anywhere."""
        return self._test("matches", pattern)

    def less(self, value: Scalar) -> Test:
        """Hold if the attribute is less than *value*."""
        return self._test("less", value)

    def at_most(self, value: Scalar) -> Test:
        """Hold if the attribute is *value* or less."""
        return self._test("at_most", value)

    def greater(self, value: Scalar) -> Test:
        """Hold if the attribute is greater than *value*."""
        return self._test("greater", value)

    def at_least(self, value: Scalar) -> Test:
        """Hold if the attribute is *value* or more."""
        return self._test("at_least", value)

    def between(self, low: Scalar, high: Scalar) -> Test:
        """Hold from *low* to *high*, both included; a time of day may go past midnight."""
        return self._test("between", (low, high))

    def is_set(self) -> Test:
        """Hold if the attribute is there and not empty."""
        return self._test("is_set", None)


def where(attribute: str) -> Where:
    """Begin a condition on *attribute*; combine conditions with ``&``, ``|`` and ``~``.

    >>> urgent = where("body").contains("urgente") & ~where("vip").equals(True)
    >>> urgent.holds({"body": "Es URGENTE"})
    True
    """
    return Where(attribute)
