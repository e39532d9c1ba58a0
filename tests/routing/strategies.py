"""Conditions and items at random, and a slow evaluator of its own to compare with."""

import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from wa_omnichannel.adapters.patterns import pattern
from wa_omnichannel.conditions import All, AnyOf, Case, Not, Pattern, Test

NAMES = st.sampled_from(["body", "topic", "score", "vip", "day", "at", "hour", "tags"])
TEXTS = st.sampled_from(
    ["a", "A", "ab", "Ábc", "A\u0301bc", "abc", "b", "1", "straße", "STRASSE", "J\u030c", "\u01f0", "\u212a", "k", ""]
)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-8))])
INSTANTS = st.builds(
    lambda hours, zone: datetime(2026, 3, 29, tzinfo=UTC).astimezone(zone) + timedelta(hours=hours),
    st.integers(-3, 3),
    ZONES,
)
DATES = st.dates(date(2026, 1, 1), date(2026, 1, 4))
TIMES = st.sampled_from([time(0), time(6), time(9, 30), time(22)])
NUMBERS = st.one_of(st.integers(-2, 3), st.sampled_from([0.5, 1.0, 2.5]))
SCALARS = st.one_of(TEXTS, NUMBERS, st.booleans(), DATES, INSTANTS, TIMES)
VALUES = st.one_of(SCALARS, st.lists(SCALARS, max_size=3).map(tuple))
NAIVE = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
ODD_VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [float("nan"), float("inf"), NAIVE, time(9, tzinfo=UTC), None, b"x", []]
)
ITEMS = st.dictionaries(NAMES, VALUES, max_size=6)
ODD_ITEMS = st.dictionaries(NAMES, st.one_of(VALUES, ODD_VALUES), max_size=6)
CASES = st.sampled_from(list(Case))
PATTERNS = st.builds(
    lambda source, ignore_case: pattern(source, ignore_case=ignore_case),
    st.sampled_from(["a", "b+", r"\babc\b", "^a.c", "k|j", "j", "stra?s", "(?i)B"]),
    st.booleans(),
)
ORDERED = [NUMBERS, DATES, INSTANTS, TIMES]


def _tests() -> st.SearchStrategy[Test]:
    one = st.one_of(*ORDERED)
    pair = st.one_of(*(st.tuples(kind, kind) for kind in ORDERED))
    some = st.one_of(*(st.lists(kind, min_size=1, max_size=3).map(tuple) for kind in [*ORDERED, TEXTS, st.booleans()]))
    text = TEXTS.filter(bool)
    full = SCALARS.filter(lambda value: value != "")
    return st.one_of(
        st.builds(Test, NAMES, st.sampled_from(["equals", "not_equals"]), SCALARS, CASES),
        st.builds(Test, NAMES, st.just("in"), some, CASES),
        st.builds(Test, NAMES, st.just("contains"), full, CASES),
        st.builds(Test, NAMES, st.sampled_from(["begins", "ends"]), text, CASES),
        st.builds(Test, NAMES, st.just("matches"), PATTERNS),
        st.builds(Test, NAMES, st.sampled_from(["less", "at_most", "greater", "at_least"]), one),
        st.builds(Test, NAMES, st.just("between"), pair),
        st.builds(Test, NAMES, st.just("is_set")),
    )


TESTS = _tests()
CONDITIONS = st.recursive(
    TESTS,
    lambda parts: st.one_of(
        st.builds(All, st.lists(parts, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(parts, max_size=3).map(tuple)),
        st.builds(Not, parts),
    ),
    max_leaves=6,
)


def slow(condition: Any, item: Any) -> bool:
    """Evaluate *condition* the plain way, written from the rules and from nothing else."""
    if isinstance(condition, All):
        return all(slow(part, item) for part in condition.parts)
    if isinstance(condition, AnyOf):
        return any(slow(part, item) for part in condition.parts)
    if isinstance(condition, Not):
        return not slow(condition.part, item)
    have, want = item.get(condition.attribute), condition.value
    if isinstance(want, Pattern):
        return isinstance(have, str) and bool(want.search(unicodedata.normalize("NFC", have)))
    return _slow_test(condition.operator, have, want, condition.case)


def _slow_test(operator: str, have: Any, want: Any, case: Case) -> bool:
    kind = _kind(have)
    if operator == "is_set":
        return kind is not None and have not in ("", ())
    if kind is None:
        return False
    if kind == "list":
        return operator == "contains" and any(_same(part, want, case) for part in have)
    if operator == "in":
        return any(_same(have, value, case) for value in want)
    if operator == "equals":
        return _same(have, want, case)
    if operator == "not_equals":
        return kind == _kind(want) and not _same(have, want, case)
    if operator in ("contains", "begins", "ends"):
        return kind == _kind(want) == "text" and _spelled_within(operator, have, want, case)
    low, high = want if operator == "between" else (want, want)
    return kind == _kind(low) and _ordered(operator, have, low, high)


def _kind(value: Any) -> str | None:
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, datetime):
        return "instant" if value.tzinfo else None
    if isinstance(value, time):
        return None if value.tzinfo else "time"
    names = {str: "text", date: "date", tuple: "list"}
    return names.get(type(value))


def _spelled(text: str, case: Case) -> str:
    if case is Case.EXACT:
        return unicodedata.normalize("NFC", text)
    if case is Case.IGNORE:
        return unicodedata.normalize("NFC", text).casefold()
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)).casefold()


def _same(have: Any, want: Any, case: Case) -> bool:
    if _kind(have) != _kind(want):
        return False
    if isinstance(have, str):
        return _spelled(have, case) == _spelled(want, case)
    return bool(have == want)


def _spelled_within(operator: str, have: str, want: str, case: Case) -> bool:
    long, short = _spelled(have, case), _spelled(want, case)
    return {
        "contains": short in long,
        "begins": long[: len(short)] == short,
        "ends": long[len(long) - len(short) :] == short and len(long) >= len(short),
    }[operator]


def _ordered(operator: str, have: Any, low: Any, high: Any) -> bool:
    if operator == "between" and isinstance(low, time) and low > high:
        return bool(have >= low or have <= high)
    found: dict[str, bool] = {
        "less": have < low,
        "at_most": have <= low,
        "greater": have > low,
        "at_least": have >= low,
        "between": low <= have <= high,
    }
    return found[operator]
