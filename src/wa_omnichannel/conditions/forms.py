"""Conditions as plain data, for JSON, YAML and TOML, and back.

====================  =====================================================================
Condition             Form
====================  =====================================================================
a test                ``{"attribute": "body", "contains": "factura"}``; with ``"case": "exact"``
every part            ``{"all": [...]}``
at least one part     ``{"any": [...]}``
not                   ``{"not": {...}}``
a date, an instant    ``{"date": "2026-01-31"}``, ``{"instant": "2026-01-31T09:00:00+01:00"}``
a time of day         ``{"time": "09:30"}``
====================  =====================================================================

Dates and times that YAML or TOML read by themselves are taken as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import TypeAlias, cast

from wa_omnichannel.conditions.operators import OPERATORS, Pattern, Patterns, Wanted
from wa_omnichannel.conditions.tree import All, AnyOf, Condition, Not, Test
from wa_omnichannel.conditions.values import Case, Kind, Scalar, Value, kind_of
from wa_omnichannel.errors import InvalidValue, MissingExtra

Form: TypeAlias = Mapping[str, object]
"""A condition as a dictionary of texts, numbers, lists and dictionaries."""

MAX_DEPTH = 50
"""Deepest nesting of conditions that is read."""

_TAGS: Mapping[Kind, str] = {Kind.DATE: "date", Kind.INSTANT: "instant", Kind.TIME: "time"}
_READERS: Mapping[str, Callable[[str], Scalar]] = {
    "date": date.fromisoformat,
    "instant": datetime.fromisoformat,
    "time": time.fromisoformat,
}


def value_form(value: Value) -> object:
    """Return a value as JSON can hold it.

    >>> value_form((date(2026, 1, 31), 3))
    [{'date': '2026-01-31'}, 3]
    """
    if isinstance(value, tuple):
        return [value_form(part) for part in value]
    kind = kind_of(value)
    tag = _TAGS.get(kind) if kind is not None else None
    return value if tag is None else {tag: cast("date | time", value).isoformat()}


def read_value(form: object, where: str = "value") -> Value:
    """Return the value that *form* stands for.

    Raises:
        InvalidValue: It stands for none; names *where* it was found.

    >>> read_value({"time": "09:30"})
    datetime.time(9, 30)
    """
    if isinstance(form, list | tuple):
        parts = cast("list[object]", form)
        return tuple(cast("Scalar", read_value(part, f"{where}[{n}]")) for n, part in enumerate(parts))
    if isinstance(form, Mapping):
        return _tagged(cast("Form", form), where)
    if kind_of(form) is None:
        raise InvalidValue(where, str(form), "Give a text, number, true, false, date, instant with time zone or time.")
    return cast("Scalar", form)


def _tagged(form: Form, where: str) -> Scalar:
    tag, text = next(iter(form.items()), ("", ""))
    if len(form) != 1 or tag not in _READERS:
        raise InvalidValue(where, str(dict(form)), f"Use one of the keys: {', '.join(_READERS)}.")
    try:
        value = _READERS[tag](str(text))
    except ValueError:
        value = None
    if kind_of(value) is None:
        raise InvalidValue(where, str(text), f"Write the {tag} as in ISO 8601; an instant needs its time zone.")
    return cast("Scalar", value)


def to_form(condition: Condition) -> dict[str, object]:
    """Return *condition* as plain data; :func:`read` gives it back.

    >>> to_form(Test("body", "contains", "factura"))
    {'attribute': 'body', 'contains': 'factura'}
    """
    if isinstance(condition, Test):
        return _test_form(condition)
    if isinstance(condition, Not):
        return {"not": to_form(condition.part)}
    return {"all" if isinstance(condition, All) else "any": [to_form(part) for part in condition.parts]}


def _test_form(test: Test) -> dict[str, object]:
    value, case = test.value, test.case
    form: object = value
    if isinstance(value, Pattern):
        form, case = value.source, Case.IGNORE if value.ignore_case else Case.EXACT
    else:
        form = True if value is None else value_form(value)
    spelled = {} if case is Case.IGNORE else {"case": case.value}
    return {"attribute": test.attribute, test.operator: form, **spelled}


def read(form: object, patterns: Patterns | None = None, where: str = "when") -> Condition:
    """Return the condition that *form* stands for.

    Args:
        form: A dictionary as :func:`to_form` makes it.
        patterns: Makes the patterns of ``matches`` (``adapters.patterns.pattern``).
        where: Name of the place, for errors.

    Raises:
        InvalidValue: The form is wrong; names the place in it, and what to do.
        MissingExtra: It has a regular expression, and nothing was given to make patterns.

    >>> read({"any": [{"attribute": "vip", "equals": True}]})
    AnyOf(parts=(Test(attribute='vip', operator='equals', value=True, case=<Case.IGNORE: 'ignore'>),))
    """
    return _read(form, patterns, where, 0)


def _read(form: object, patterns: Patterns | None, where: str, depth: int) -> Condition:
    if not isinstance(form, Mapping):
        raise InvalidValue(where, str(form), 'Write a condition such as {"attribute": "body", "contains": "bill"}.')
    if depth > MAX_DEPTH:
        raise InvalidValue(where, "...", f"Nest conditions at most {MAX_DEPTH} deep.")
    form = cast("Form", form)
    if "attribute" in form:
        return _read_test(form, patterns, where)
    name, parts = next(iter(form.items()), ("", None))
    if len(form) == 1 and name == "not":
        return Not(_read(parts, patterns, f"{where}.not", depth + 1))
    if len(form) != 1 or name not in _GROUPS or not isinstance(parts, list | tuple):
        raise InvalidValue(where, ", ".join(form), 'Write "attribute" and an operator, or "all", "any" or "not" alone.')
    listed = enumerate(cast("list[object]", parts))
    return _GROUPS[name](tuple(_read(part, patterns, f"{where}.{name}[{n}]", depth + 1) for n, part in listed))


_GROUPS: Mapping[str, type[All | AnyOf]] = {"all": All, "any": AnyOf}


def _read_test(form: Form, patterns: Patterns | None, where: str) -> Test | Not:
    rest = {name: value for name, value in form.items() if name not in ("attribute", "case")}
    name, given = next(iter(rest.items()), ("", None))
    attribute = form["attribute"]
    if len(rest) != 1 or name not in OPERATORS or not isinstance(attribute, str):
        raise InvalidValue(where, ", ".join(map(str, rest)), f"Give one attribute and one of: {', '.join(OPERATORS)}.")
    case = _read_case(form.get("case", Case.IGNORE.value), where)
    try:
        if name == "is_set":
            return _read_is_set(attribute, given)
        if name == "matches":
            return Test(attribute, name, _read_pattern(given, case, patterns))
        return Test(attribute, name, read_value(given), case)
    except InvalidValue as error:
        raise InvalidValue(f"{where}.{error.field}", error.value, error.fix) from error


def _read_case(form: object, where: str) -> Case:
    try:
        return Case(form)
    except ValueError:
        names = ", ".join(case.value for case in Case)
        raise InvalidValue(f"{where}.case", str(form), f"Use one of: {names}.") from None


def _read_is_set(attribute: str, given: object) -> Test | Not:
    if not isinstance(given, bool):
        raise InvalidValue("is_set", str(given), "Write true or false.")
    test = Test(attribute, "is_set")
    return test if given else Not(test)


def _read_pattern(source: object, case: Case, patterns: Patterns | None) -> Wanted:
    if not isinstance(source, str) or case is Case.LOOSE:
        raise InvalidValue("matches", str(source), 'Give a regular expression; "case" may be "ignore" or "exact".')
    if patterns is None:
        raise MissingExtra.of("google-re2", "rules")
    return patterns(source, ignore_case=case is Case.IGNORE)
