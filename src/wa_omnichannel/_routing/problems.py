"""What is wrong with a workstream, found before any item meets it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from enum import Enum
from functools import partial

import attrs

from wa_omnichannel._routing.model import (
    ClassificationRule,
    ModelRuleset,
    Queue,
    RouteRule,
    Ruleset,
    Workstream,
)
from wa_omnichannel._routing.settings import VARIABLE_KINDS, variable_types
from wa_omnichannel.conditions import Condition, Kind, RuleIndex, Test, View, implies, kind_of, leaves, never
from wa_omnichannel.conditions.operators import Pattern, several
from wa_omnichannel.conditions.values import view_key
from wa_omnichannel.explain import Facts, sentence

ITEM_ATTRIBUTES: Mapping[str, Kind] = {
    **dict.fromkeys(
        ("channel", "number", "language", "customer_name", "customer_phone", "first_message", "kind", "weekday"),
        Kind.TEXT,
    ),
    "received_at": Kind.INSTANT,
    "date": Kind.DATE,
    "time": Kind.TIME,
    "hour": Kind.NUMBER,
    "priority": Kind.NUMBER,
    "skills": Kind.LIST,
    "capacity_profiles": Kind.LIST,
}
"""What every item can be asked about (CLS-10), and the kind of the answer."""


_NO_FACTS: Facts = {}


class Severity(Enum):
    """How bad a problem is."""

    ERROR = "error"
    """It cannot work."""
    WARNING = "warning"
    """It works, but hardly as it was meant."""
    NOTE = "note"
    """Good to know."""


@attrs.frozen
class Problem:
    """Something about a rule or a setting, and where it stands."""

    code: str
    severity: Severity
    workstream: str
    ruleset: str = ""
    """The ruleset; ``routes`` for route rules; empty for the workstream itself."""
    rule: str = ""
    position: int = 0
    """Place of the rule in its ruleset, from 1."""
    facts: Facts = _NO_FACTS

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        rule = f"{self.rule!r} ({self.ruleset}, {self.position})" if self.rule else self.ruleset
        return " / ".join(filter(None, (self.workstream, rule)))

    def sentence(self, language: str = "en") -> str:
        """Return the problem as one sentence that begins with its place."""
        return f"{self.place}: {sentence(self.code, self.facts, language)}"


@attrs.frozen
class Limits:
    """How much a workstream may hold; None is no limit."""

    rulesets: int | None = None
    rules: int | None = None
    outputs: int | None = None
    routes: int | None = None
    shares: int | None = None
    levels: int | None = None
    """Related records that an attribute's name may step over, as in ``contact.account.city`` (CLS-5)."""


NO_LIMITS = Limits()
"""The default settings profile."""
DYNAMICS = Limits(rulesets=10, rules=100, outputs=5, routes=200, shares=5, levels=2)
"""The limits of Dynamics (CLS-1, CLS-5, R2Q-1, R2Q-6): settings profile ``dynamics``."""


def check(
    workstream: Workstream,
    queues: Mapping[str, Queue] | None = None,
    limits: Limits = NO_LIMITS,
    attributes: Mapping[str, Kind] = ITEM_ATTRIBUTES,
) -> tuple[Problem, ...]:
    """Return every problem of *workstream*, in the order of its settings.

    Args:
        workstream: What is checked.
        queues: All queues by name; None leaves references to queues unchecked.
        limits: How much it may hold.
        attributes: What items can be asked about, besides context variables and the outputs of rules.

    >>> rule = ClassificationRule("gold", Test("customer_nam", "equals", "Ana"))
    >>> check(Workstream("main", "all", (Ruleset("vip", (rule,)),)))[0].code
    'unknown_attribute'
    """
    known = dict(attributes) | {name: VARIABLE_KINDS[kind] for name, kind in variable_types(workstream).items()}
    return tuple(_problems(workstream, queues, limits, known))


def _problems(
    workstream: Workstream, queues: Mapping[str, Queue] | None, limits: Limits, known: dict[str, Kind]
) -> Iterator[Problem]:
    name = workstream.name
    yield from _of_workstream(workstream, limits)
    for ruleset in workstream.rulesets:
        if isinstance(ruleset, ModelRuleset):
            yield from _of_inputs(name, ruleset, known)
            continue
        yield from _of_rules(name, ruleset.name, ruleset.rules, known, limits)
        yield from _shadowed(name, ruleset)
        yield from _over(limits.rules, len(ruleset.rules), "CLS-1", "rules", name, ruleset.name)
        for position, rule in enumerate(ruleset.rules, 1):
            made = len(rule.outputs) + len(rule.skills) + len(rule.profiles)
            yield from _over(limits.outputs, made, "CLS-1", "outputs", name, ruleset.name, rule.name, position)
        for rule in ruleset.rules:
            known.update({out: kind for out, value in rule.outputs.items() if (kind := kind_of(value)) is not None})
    yield from _of_rules(name, ROUTES, workstream.routes, known, limits)
    yield from _of_routes(workstream, queues, limits)


ROUTES = "routes"
"""What the route rules of a workstream are called in problems and traces."""


def _of_workstream(workstream: Workstream, limits: Limits) -> Iterator[Problem]:
    name = workstream.name
    yield from _over(limits.rulesets, len(workstream.rulesets), "CLS-1", "rulesets", name)
    yield from _over(limits.routes, len(workstream.routes), "R2Q-1", "route rules", name, ROUTES)
    twice = [ruleset.name for ruleset in workstream.rulesets]
    for ruleset, count in Counter(twice).items():
        if count > 1:
            yield Problem("ruleset_twice", Severity.WARNING, name, ruleset)
    if workstream.profile and workstream.demand:
        facts = {"profile": workstream.profile, "units": workstream.demand}
        yield Problem("units_and_profile", Severity.WARNING, name, facts=facts)
    for column in workstream.undocumented:
        yield Problem("column_without_effect", Severity.NOTE, name, facts={"column": column})


def _over(
    limit: int | None, have: int, rule_id: str, what: str, name: str, ruleset: str = "", rule: str = "", at: int = 0
) -> Iterator[Problem]:
    if limit is not None and have > limit:
        facts = {"what": what, "count": have, "limit": limit, "by": rule_id}
        yield Problem("over_limit", Severity.ERROR, name, ruleset, rule, at, facts)


def _of_inputs(name: str, ruleset: ModelRuleset, known: Mapping[str, Kind]) -> Iterator[Problem]:
    for attribute in ruleset.inputs:
        if attribute not in known:
            yield Problem("unknown_attribute", Severity.ERROR, name, ruleset.name, facts=_unknown(attribute, known))


def _unknown(attribute: str, known: Iterable[str]) -> Facts:
    close = get_close_matches(attribute, list(known), 1)
    return {"attribute": attribute, "meant": close[0] if close else "-"}


def _of_rules(
    name: str,
    ruleset: str,
    rules: Sequence[ClassificationRule | RouteRule],
    known: Mapping[str, Kind],
    limits: Limits,
) -> Iterator[Problem]:
    names = Counter(rule.name for rule in rules)
    for position, rule in enumerate(rules, 1):
        problem = partial(_problem, name, ruleset, rule.name, position)
        if names[rule.name] > 1:
            yield problem("rule_twice", Severity.WARNING, {})
        for test in leaves(rule.when):
            yield from _of_test(test, known, limits, problem)
        if never(rule.when):
            yield problem("dead_rule", Severity.WARNING, {})


def _problem(name: str, ruleset: str, rule: str, position: int, code: str, severity: Severity, facts: Facts) -> Problem:
    return Problem(code, severity, name, ruleset, rule, position, facts)


def _of_test(
    test: Test, known: Mapping[str, Kind], limits: Limits, problem: Callable[[str, Severity, Facts], Problem]
) -> Iterator[Problem]:
    levels = test.attribute.count(".")
    if limits.levels is not None and levels > limits.levels:
        yield problem(
            "over_limit", Severity.ERROR, {"what": "levels", "count": levels, "limit": limits.levels, "by": "CLS-5"}
        )
    if test.attribute not in known:
        yield problem("unknown_attribute", Severity.ERROR, _unknown(test.attribute, known))
        return
    have, wanted = known[test.attribute], _kinds(test)
    if have not in wanted:
        kinds = tuple(sorted(kind.value for kind in wanted))
        facts = {"attribute": test.attribute, "kind": have.value, "operator": test.operator, "wanted": kinds}
        yield problem("type_mismatch", Severity.ERROR, facts)


def _kinds(test: Test) -> frozenset[Kind]:
    """Return the kinds of attribute for which the test can hold."""
    if test.operator == "is_set":
        return frozenset(Kind)
    if isinstance(test.value, Pattern):
        return frozenset({Kind.TEXT})
    kind = kind_of(test.value[0] if isinstance(test.value, tuple) else test.value)
    if test.operator == "contains":
        return frozenset({Kind.LIST, Kind.TEXT} if kind is Kind.TEXT else {Kind.LIST})
    return frozenset({kind} if kind is not None else ())


def _shadowed(name: str, ruleset: Ruleset) -> Iterator[Problem]:
    """Yield rules that an earlier rule always keeps from being reached (CLS-2)."""
    for number, rule in enumerate(ruleset.rules):
        if never(rule.when):
            continue
        earlier = _implied_earlier(number, rule.when, ruleset.index)
        if earlier is not None:
            facts = {"by": ruleset.rules[earlier].name}
            yield Problem("shadowed_rule", Severity.WARNING, name, ruleset.name, rule.name, number + 1, facts)


def _implied_earlier(number: int, condition: Condition, index: RuleIndex) -> int | None:
    """Return the first earlier condition that holds whenever this one does; the index leaves few to look at."""
    for earlier in index.candidates(_example(condition)):
        if earlier >= number:
            return None
        if implies(condition, index.conditions[earlier]):
            return earlier
    return None


def _example(condition: Condition) -> View:
    """Return an item's view that fulfils the equalities of *condition*, as far as they are simple."""
    view = View({})
    for test in leaves(condition):
        if test.operator in ("equals", "in"):
            view.setdefault(view_key(test.attribute, test.case), several(test.value, test.case)[0])
    return view


def _of_routes(workstream: Workstream, queues: Mapping[str, Queue] | None, limits: Limits) -> Iterator[Problem]:
    name = workstream.name
    yield from _of_queue(workstream, workstream.fallback_queue, queues, "", 0)
    for position, rule in enumerate(workstream.routes, 1):
        yield from _over(limits.shares, len(rule.shares), "R2Q-6", "shares", name, ROUTES, rule.name, position)
        for queue in rule.queues:
            yield from _of_queue(workstream, queue, queues, rule.name, position)
        earlier = _implied_earlier(position - 1, rule.when, workstream.index)
        if earlier is not None and workstream.routes[earlier].queues == rule.queues and not never(rule.when):
            facts = {"by": workstream.routes[earlier].name}
            yield Problem("redundant_route", Severity.WARNING, name, ROUTES, rule.name, position, facts)


def _of_queue(
    workstream: Workstream, queue: str, queues: Mapping[str, Queue] | None, rule: str, position: int
) -> Iterator[Problem]:
    if queues is None:
        return
    ruleset = ROUTES if rule else ""
    known = queues.get(queue)
    if known is None:
        facts: Facts = {"queue": queue, "meant": _unknown(queue, queues)["meant"]}
        yield Problem("unknown_queue", Severity.ERROR, workstream.name, ruleset, rule, position, facts)
    elif known.type is not workstream.type:
        facts = {"queue": queue, "type": known.type.value, "wanted": workstream.type.value}
        yield Problem("queue_of_other_kind", Severity.ERROR, workstream.name, ruleset, rule, position, facts)
