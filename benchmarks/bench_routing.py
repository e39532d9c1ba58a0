"""Routing rules: the index against closures tried in order, at 100 and 10,000 rules.

Each rule compares three attributes: one equality, one of eight values, and in turn a text, a regular expression
or a number. In the worst case only the last rule matches; the mixed case takes 256 items at random. The closures
compare texts as they are; the index also ignores capitals and accepts items that lack an attribute.
Run: python benchmarks/bench_routing.py
"""

from __future__ import annotations

import random
import re
import statistics
import time
from collections.abc import Callable, Mapping

from lab import Case, measure

from wa_omnichannel.adapters.patterns import pattern
from wa_omnichannel.conditions import Condition, RuleIndex, View, where
from wa_omnichannel.routing import ClassificationRule, Ruleset, Workstream, classify

EQUAL = ("country", "product", "campaign", "brand")
AMONG = ("topic", "language", "tier")
NUMBERS = ("score", "age_days", "msg_count")
ITEM: Mapping[str, str | int | float | bool] = {
    **dict.fromkeys(EQUAL, "v7"),
    **dict.fromkeys(AMONG, "t3"),
    **dict.fromkeys(NUMBERS, 55.0),
    "body": "hola, mi pedido w7 no ha llegado y quiero saber cuando lo entregan, gracias",
    "channel": "whatsapp",
    "queue": "default",
    "hour": 10,
    "weekday": 1,
    "media_count": 1,
    "vip": False,
    "returning": True,
    "sentiment": 0.2,
    "source": "inbound",
}
LAST = (("country", "v7"), ("topic", ("t1", "t3", "t5")), ("body", "contains", "pedido w7"))

Row = tuple[tuple[str, str], tuple[str, tuple[str, ...]], tuple[str, str, str | float]]


def rows(n: int) -> list[Row]:
    """Return *n* rules of which only the last matches ``ITEM``."""
    chance = random.Random(n)
    made: list[Row] = []
    while len(made) < n - 1:
        equal = (chance.choice(EQUAL), f"v{chance.randrange(50)}")
        among = (chance.choice(AMONG), tuple(f"t{x}" for x in sorted(chance.sample(range(40), 8))))
        kind = len(made) % 3
        text, number = chance.randrange(400), float(chance.randrange(100))
        third = (
            ("body", "contains", f"w{text}x"),
            ("body", "regex", rf"\bw{max(10, text)}\b"),
            (chance.choice(NUMBERS), ">", number),
        )[kind]
        if not closure((equal, among, third))(ITEM):
            made.append((equal, among, third))
    return [*made, LAST]


Test = Callable[[Mapping[str, object]], bool]


def closure(row: Row) -> Test:
    """Return a rule as a careful programmer writes it: a closure for each test, and one for the rule."""
    (a, want), (b, among), (c, operator, value) = row
    chosen, search = frozenset(among), re.compile(str(value)).search
    thirds: Mapping[str, Test] = {
        "contains": lambda item: value in item[c],
        "regex": lambda item: search(item[c]) is not None,
        ">": lambda item: item[c] > value,
    }
    first: Test = lambda item: item[a] == want  # noqa: E731
    second: Test = lambda item: item[b] in chosen  # noqa: E731
    third = thirds[operator]
    return lambda item: first(item) and second(item) and third(item)


def condition(row: Row) -> Condition:
    (a, want), (b, among), (c, operator, value) = row
    attribute = where(c)
    third = {
        "contains": lambda: attribute.contains(value),
        "regex": lambda: attribute.matches(pattern(str(value))),
        ">": lambda: attribute.greater(value),
    }[operator]()
    return where(a).equals(want) & where(b).one_of(*among) & third


def random_items(n: int) -> list[dict[str, object]]:
    chance = random.Random(9)
    return [
        {
            **ITEM,
            **{name: f"v{chance.randrange(50)}" for name in EQUAL},
            **{name: f"t{chance.randrange(40)}" for name in AMONG},
            **{name: float(chance.randrange(100)) for name in NUMBERS},
            "body": f"hola w{chance.randrange(400)} y w{chance.randrange(400)}x gracias",
        }
        for _ in range(n)
    ]


def closures_case(tests: list[Callable[[Mapping[str, object]], bool]], items: list[Mapping[str, object]]) -> Case:
    def run(n: int) -> None:
        for turn in range(n):
            item = items[turn % len(items)]
            for test in tests:
                if test(item):
                    break

    return run


AGAIN = 10
"""The index is looked up this many times as often, so that its batches are not too short to time."""


def index_case(index: RuleIndex, items: list[Mapping[str, object]]) -> Case:
    def run(n: int) -> None:
        for turn in range(n * AGAIN):
            index.first(View(items[turn % len(items)]))

    return run


def seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    found: dict[str, float] = {}
    for n, turns in ((100, 3000), (1000, 1000), (10_000, 200)):
        data = rows(n)
        index = RuleIndex.of(map(condition, data))
        assert index.first(View(ITEM)) == n - 1
        tests = [closure(row) for row in data]
        items = random_items(256)
        first = [next((k for k, test in enumerate(tests) if test(item)), None) for item in items]
        assert [index.first(View(item)) for item in items] == first
        workstream = Workstream(
            "w", "q", (Ruleset("r", tuple(ClassificationRule(f"{k}", c) for k, c in enumerate(index.conditions))),)
        )
        cases: dict[str, Case] = {
            "closures, worst": closures_case(tests, [ITEM]),
            "index, worst": index_case(index, [ITEM]),
            "classify, worst": lambda k, w=workstream: [classify(w, ITEM) for _ in range(k * AGAIN)],
            "closures, random": closures_case(tests, items),
            "index, random": index_case(index, items),
        }
        for name, taken in measure(cases, turns).items():
            median = taken if name.startswith("closures") else taken / AGAIN
            found[f"{name} {n}"] = median
            floor = found[f"closures, {name.rpartition(' ')[2]} {n}"]
            print(f"  {n:>6} rules  {name:<18} {median * 1e6:10.2f} us  {median / floor:8.4f} x closures")
        build(data)
    for name in ("index, worst", "classify, worst", "index, random"):
        print(f"  {name}: 10,000 rules cost {found[f'{name} 10000'] / found[f'{name} 100']:.2f} x of 100")


def build(data: list[Row]) -> None:
    """Print what compiling costs, and replacing one rule."""
    conditions = [condition(row) for row in data]
    full = statistics.median(seconds(lambda: RuleIndex.of(conditions)) for _ in range(5))
    index, other = RuleIndex.of(conditions), conditions[1]
    places = range(0, len(data), max(1, len(data) // 50))
    one = statistics.median(seconds(lambda k=k: index.replace(k, other)) for k in places for _ in range(5))
    print(
        f"  {len(data):>6} rules  compile {full / len(data) * 1e6:.1f} us a rule; replace one: {one / full:.2%} of that"
    )


if __name__ == "__main__":
    main()
