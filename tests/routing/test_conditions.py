"""Conditions: operators, kinds, spelling, plain data and back, the index, and what can be proven."""

import json
import pickle
from datetime import date, time
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.routing.strategies import CONDITIONS, ITEMS, NAIVE, NAMES, ODD_ITEMS, TESTS, VALUES, slow

from wa_omnichannel.adapters import patterns
from wa_omnichannel.adapters.patterns import pattern
from wa_omnichannel.conditions import (
    ALWAYS,
    OPERATORS,
    All,
    AnyOf,
    Kind,
    Not,
    RuleIndex,
    Test,
    View,
    implies,
    kind_of,
    leaves,
    never,
    read,
    read_value,
    to_form,
    value_form,
    where,
)
from wa_omnichannel.errors import InvalidValue, MissingExtra


@given(CONDITIONS, ODD_ITEMS)
def test_a_condition_holds_exactly_when_the_plain_evaluation_says_so(condition: Any, item: Any) -> None:
    assert condition.holds(item) == slow(condition, item)


@given(CONDITIONS)
def test_the_plain_data_of_a_condition_gives_it_back(condition: Any) -> None:
    written = json.dumps(to_form(condition))
    assert read(json.loads(written), pattern) == condition


@given(CONDITIONS, ITEMS)
def test_a_condition_read_back_decides_the_same(condition: Any, item: Any) -> None:
    assert read(to_form(condition), pattern).holds(item) == condition.holds(item)


@given(VALUES)
def test_every_value_survives_json(value: Any) -> None:
    back = read_value(json.loads(json.dumps(value_form(value))))
    assert back == value
    assert kind_of(back) is kind_of(value)


@given(st.lists(CONDITIONS, max_size=12), ODD_ITEMS)
def test_the_index_finds_what_trying_all_conditions_in_order_finds(conditions: Any, item: Any) -> None:
    index = RuleIndex.of(conditions)
    holding = tuple(number for number, condition in enumerate(conditions) if slow(condition, item))
    assert index.every(View(item)) == holding
    assert index.first(View(item)) == (holding[0] if holding else None)
    assert set(holding) <= set(index.candidates(View(item)))


@given(st.lists(CONDITIONS, min_size=1, max_size=8), st.data(), ODD_ITEMS)
def test_an_index_with_replaced_conditions_equals_a_new_one(conditions: Any, data: Any, item: Any) -> None:
    before = RuleIndex.of(conditions)
    index, changed = before, list(conditions)
    for _ in range(3):
        number = data.draw(st.integers(0, len(conditions) - 1))
        changed[number] = data.draw(CONDITIONS)
        index = index.replace(number, changed[number])
    assert index.every(View(item)) == RuleIndex.of(changed).every(View(item))
    assert before.every(View(item)) == RuleIndex.of(conditions).every(View(item))
    assert index.first(View(item)) == RuleIndex.of(changed).first(View(item))


def test_a_replaced_condition_leaves_nothing_behind() -> None:
    index = RuleIndex.of([where("customer").equals("a"), ALWAYS])
    for number in range(20):
        index = index.replace(0, where("customer").one_of(str(number), "a") | where("vip").equals(True))
    index = index.replace(0, ALWAYS)
    assert not index._root.tables


def test_an_index_can_be_pickled() -> None:
    index = pickle.loads(pickle.dumps(RuleIndex.of([where("body").matches(pattern("pedido [0-9]+"))])))
    assert index.first(View({"body": "Pedido 7"})) == 0


@given(CONDITIONS, ITEMS)
def test_a_condition_that_is_proven_never_to_hold_does_not_hold(condition: Any, item: Any) -> None:
    if never(condition):
        assert not slow(condition, item)


@given(st.lists(TESTS, min_size=1, max_size=3), CONDITIONS, ITEMS)
def test_a_proven_implication_is_true_of_every_item(parts: Any, other: Any, item: Any) -> None:
    one = All(tuple(parts))
    for a, b in ((one, other), (other, one), (parts[0], other), (AnyOf(tuple(parts)), other)):
        if implies(a, b) and slow(a, item):
            assert slow(b, item)


@given(CONDITIONS)
def test_a_condition_implies_itself(condition: Any) -> None:
    assert implies(condition, condition)


@pytest.mark.parametrize(
    "dead",
    [
        where("n").less(3) & where("n").at_least(3),
        where("n").equals(3) & where("n").greater(3),
        where("n").equals(3) & where("n").equals("3"),
        where("n").between(5, 4),
        where("topic").one_of("a", "b") & where("topic").equals("c"),
        where("topic").equals("a") & ~where("topic").one_of("A", "b"),
        AnyOf(()),
        ~ALWAYS,
        where("day").greater(date(2026, 1, 5)) & where("day").at_most(date(2026, 1, 5)),
    ],
)
def test_contradictions_are_proven(dead: Any) -> None:
    assert never(dead)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (where("n").equals(4), where("n").between(1, 5)),
        (where("n").less(3), where("n").at_most(3)),
        (where("n").between(2, 3), where("n").greater(1)),
        (where("topic").equals("Bills"), where("topic").one_of("bills", "news")),
        (where("body").begins("pedido 7"), where("body").contains("pedido")),
        (where("body").ends("pedido 7"), where("body").ends("7")),
        (where("vip").equals(True) & where("n").equals(1), where("vip").equals(True)),
        (where("topic").equals("a"), ~where("topic").equals("b")),
        (where("topic").equals("a") & where("n").equals(1), where("n").is_set()),
        (where("a").equals(1) | where("b").equals(1), where("b").equals(1) | where("a").is_set()),
    ],
)
def test_implications_are_proven(one: Any, other: Any) -> None:
    assert implies(one, other)
    assert not implies(other, one)


def test_the_fluent_form_and_the_plain_data_are_equal() -> None:
    fluent = (where("body").contains("factura") | where("topic").one_of("bills", "refund")) & ~where("hour").between(
        time(22), time(6)
    )
    plain = {
        "all": [
            {"any": [{"attribute": "body", "contains": "factura"}, {"attribute": "topic", "in": ["bills", "refund"]}]},
            {"not": {"attribute": "hour", "between": [{"time": "22:00"}, {"time": "06:00"}]}},
        ]
    }
    assert read(plain) == fluent


def test_fluent_conditions_join_flat() -> None:
    a, b, c = (where(name).is_set() for name in "abc")
    assert a & b & c == All((a, b, c))
    assert a | b | c == AnyOf((a, b, c))
    assert ~a == Not(a)


def test_the_fluent_form_knows_every_operator() -> None:
    w = where("x")
    numbers = [w.equals(1), w.not_equals(1), w.one_of(1), w.less(1), w.at_most(1), w.greater(1), w.at_least(1)]
    texts = [w.contains("a"), w.begins("a"), w.ends("a"), w.matches(pattern("a"))]
    made = [*numbers, *texts, w.between(1, 2), w.is_set()]
    assert {test.operator for test in made} == set(OPERATORS)


@pytest.mark.parametrize(
    ("test", "have", "holds"),
    [
        (where("x").equals("FACTURA"), "factura", True),
        (where("x").exact.equals("FACTURA"), "factura", False),
        (where("x").contains("facturacion"), "Facturación", False),
        (where("x").loose.contains("facturacion"), "la FACTURACIÓN", True),
        (where("x").equals("ó"), "o\u0301", True),
        (where("x").equals(1), True, False),
        (where("x").equals(1), 1.0, True),
        (where("x").equals("1"), 1, False),
        (where("x").not_equals(1), "1", False),
        (where("x").contains("vip"), ("new", "VIP"), True),
        (where("x").equals("vip"), ("vip",), False),
        (where("x").is_set(), "", False),
        (where("x").is_set(), 0, True),
        (where("x").between(time(22), time(6)), time(23), True),
        (where("x").between(time(22), time(6)), time(7), False),
        (where("x").less(date(2026, 1, 2)), date(2026, 1, 1), True),
    ],
)
def test_kinds_and_spelling(test: Test, have: Any, holds: bool) -> None:
    assert test.holds({"x": have}) is holds


def test_an_absent_attribute_fails_every_test_but_not_its_negation() -> None:
    assert not where("x").not_equals(1).holds({})
    assert (~where("x").equals(1)).holds({})


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("like", "x"),
        ("contains", ""),
        ("begins", 3),
        ("in", ()),
        ("in", ("a", 1)),
        ("in", "a"),
        ("less", "a"),
        ("less", True),
        ("less", float("nan")),
        ("between", (1, 2, 3)),
        ("between", (1, date(2026, 1, 1))),
        ("equals", ("a",)),
        ("equals", NAIVE),
        ("is_set", True),
        ("matches", "a+"),
    ],
)
def test_a_test_that_cannot_work_is_refused_when_it_is_made(operator: str, value: Any) -> None:
    with pytest.raises(InvalidValue):
        Test("x", operator, value)


@pytest.mark.parametrize(
    ("form", "place"),
    [
        ("body", "when"),
        ({}, "when"),
        ({"all": [], "any": []}, "when"),
        ({"none": []}, "when"),
        ({"all": {"attribute": "a", "equals": 1}}, "when"),
        ({"attribute": "a"}, "when"),
        ({"attribute": "a", "equals": 1, "less": 2}, "when"),
        ({"attribute": 3, "equals": 1}, "when"),
        ({"all": [{"attribute": "a", "like": 1}]}, "when.all[0]"),
        (
            {"any": [{"attribute": "a", "is_set": True}, {"not": {"attribute": "b", "less": "x"}}]},
            "when.any[1].not.less",
        ),
        ({"attribute": "a", "equals": {"date": "31/01/2026"}}, "when.value"),
        ({"attribute": "a", "equals": {"day": "2026-01-01"}}, "when.value"),
        ({"attribute": "a", "equals": {"instant": "2026-01-01T00:00:00"}}, "when.value"),
        ({"attribute": "a", "equals": None}, "when.value"),
        ({"attribute": "a", "equals": "x", "case": "upper"}, "when.case"),
        ({"attribute": "a", "is_set": 1}, "when.is_set"),
        ({"attribute": "a", "matches": "("}, "when.matches"),
        ({"attribute": "a", "matches": "a(?=b)"}, "when.matches"),
        ({"attribute": "a", "matches": "a", "case": "loose"}, "when.matches"),
    ],
)
def test_broken_plain_data_names_the_place(form: Any, place: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        read(form, pattern)
    assert refused.value.field == place
    assert refused.value.fix


def test_endless_nesting_is_refused() -> None:
    form: dict[str, Any] = {"attribute": "a", "is_set": True}
    for _ in range(5000):
        form = {"not": form}
    with pytest.raises(InvalidValue):
        read(form)


def test_is_set_false_is_read_as_not_set() -> None:
    assert read({"attribute": "a", "is_set": False}) == ~where("a").is_set()


def test_native_dates_of_yaml_and_toml_are_taken() -> None:
    assert read({"attribute": "a", "less": date(2026, 1, 1)}) == where("a").less(date(2026, 1, 1))


def test_a_regular_expression_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(patterns, "import_module", missing)
    with pytest.raises(MissingExtra, match=r"wa-omnichannel\[rules\]"):
        pattern("a")
    with pytest.raises(MissingExtra, match=r"wa-omnichannel\[rules\]"):
        read({"attribute": "a", "matches": "a"})


def test_a_regular_expression_cannot_hang() -> None:
    evil = where("body").matches(pattern("(a+)+$"))
    assert not evil.holds({"body": "a" * 20_000 + "!"})  # a backtracking engine would not end in this universe


def test_a_regular_expression_that_takes_too_much_memory_is_refused() -> None:
    with pytest.raises(InvalidValue):
        pattern("((a{100}){100}){100}")


def test_the_tests_of_a_tree_come_from_left_to_right() -> None:
    tree = where("a").is_set() & (where("b").is_set() | ~where("c").is_set())
    assert [test.attribute for test in leaves(tree)] == ["a", "b", "c"]


@given(NAMES, VALUES)
def test_every_value_has_a_kind(name: str, value: Any) -> None:
    assert isinstance(kind_of(value), Kind)
    assert where(name).is_set().holds({name: value}) == (value not in ("", ()))


class Channel(StrEnum):
    """An enumeration of texts."""

    WHATSAPP = "whatsapp"


def test_kinds_of_derived_classes_are_those_of_their_base() -> None:
    assert kind_of(Channel.WHATSAPP) is Kind.TEXT
    assert kind_of(HTTPStatus.OK) is Kind.NUMBER
    assert where("x").equals("WhatsApp").holds({"x": Channel.WHATSAPP})
    assert where("x").equals(200).holds({"x": HTTPStatus.OK})
