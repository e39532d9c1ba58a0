"""Why an item went where it went, what rules would do, and what changes between two versions of them.

Everything here is worked out by the plain evaluation of each rule in turn, not by the compiled index; that
both agree is a property of the tests. The tables are those of Dynamics' routing diagnostics (DIAG-1).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Protocol

import attrs

from wa_omnichannel._routing.engine import (
    ALL_CLEAR,
    UNCLASSIFIED,
    Classification,
    Routing,
    Surroundings,
    classify,
    run,
)
from wa_omnichannel._routing.model import ModelRuleset, Queue, Ruleset, Workstream
from wa_omnichannel._routing.problems import ROUTES
from wa_omnichannel.conditions import Attributes, Condition, Pattern, Test, leaves
from wa_omnichannel.explain import Check, sentence, show
from wa_omnichannel.skills import Ratings

Item = tuple[str, Attributes]
"""A conversation's id and its attributes before classification."""


class Outcome(Enum):
    """What became of a rule (DIAG-1)."""

    APPLIED = "applied"
    """It matched, and decided."""
    MATCHED = "matched"
    """It matched, but another route rule decided."""
    PROCESSED = "processed"
    """It was looked at and did not match."""
    NOT_PROCESSED = "not_processed"
    """It was not reached."""


@attrs.frozen
class Compared:
    """One test of a rule, with the value that was there."""

    attribute: str
    operator: str
    wanted: str
    have: str
    """The value of the item; ``-`` where it has none."""
    holds: bool


@attrs.frozen
class Line:
    """One row of the table: a rule, what became of it, and the values compared (DIAG-1)."""

    ruleset: str
    position: int
    """Place in the ruleset, from 1."""
    rule: str
    outcome: Outcome
    compared: tuple[Compared, ...] = ()


@attrs.frozen
class Diagnosis:
    """Everything about how an item was routed."""

    lines: tuple[Line, ...]
    routing: Routing

    def explain(self, language: str = "en") -> str:
        """Return why the item went to its queue, one sentence per line."""
        return "\n".join(check.sentence(language) for check in self.routing.trace)

    def table(self, language: str = "en") -> str:
        """Return the whole table as text, one rule per line."""
        return "\n".join(_row(line, language) for line in self.lines)


def _row(line: Line, language: str) -> str:
    tests = "; ".join(
        f"{test.attribute} {test.operator} {test.wanted} [{test.have}] {'✓' if test.holds else '✗'}"
        for test in line.compared
    )
    outcome = sentence(f"rule_{line.outcome.value}", {}, language)
    return f"{line.ruleset} {line.position} {line.rule}: {outcome} {tests}".rstrip()


def compared(condition: Condition, item: Attributes) -> tuple[Compared, ...]:
    """Return every test of *condition* with the value of *item* that it looked at."""
    return tuple(_compared(test, item) for test in leaves(condition))


def _compared(test: Test, item: Attributes) -> Compared:
    value = test.value.source if isinstance(test.value, Pattern) else test.value
    wanted = "" if value is None else show(value)
    have = show(item[test.attribute]) if test.attribute in item else "-"
    return Compared(test.attribute, test.operator, wanted, have, test.holds(item))


def explain(
    workstream: Workstream,
    item: Attributes,
    key: str = "",
    around: Surroundings = ALL_CLEAR,
    known: Classification = UNCLASSIFIED,
) -> Diagnosis:
    """Return how *item* is routed, with every rule looked at one by one (DIAG-1).

    The arguments are those of :func:`run`, and so is the outcome.

    >>> from wa_omnichannel._routing.model import RouteRule
    >>> found = explain(Workstream("main", "all", routes=(RouteRule("bills", "billing", Test("a", "equals", 1)),)), {})
    >>> found.lines[0].outcome.value, found.routing.queue
    ('processed', 'all')
    """
    routing = run(workstream, item, key, around, known)
    lines: list[Line] = []
    reached = True
    for n, ruleset in enumerate(workstream.rulesets):
        before = attrs.evolve(workstream, rulesets=workstream.rulesets[:n], routes=())
        seen = classify(before, item, known)
        reached = reached and not seen.failed
        if isinstance(ruleset, Ruleset):
            lines += _first_match(ruleset, seen.attributes, reached=reached)
        else:
            lines.append(_model_line(ruleset, routing, reached=reached))
    lines += _all_matches(workstream, routing)
    return Diagnosis(tuple(lines), routing)


def _first_match(ruleset: Ruleset, item: Attributes, *, reached: bool) -> Iterator[Line]:
    """Hit policy "first match": nothing after the first rule that holds is looked at (CLS-2)."""
    for position, rule in enumerate(ruleset.rules, 1):
        if not reached:
            yield Line(ruleset.name, position, rule.name, Outcome.NOT_PROCESSED)
            continue
        holds = rule.when.holds(item)
        outcome = Outcome.APPLIED if holds else Outcome.PROCESSED
        yield Line(ruleset.name, position, rule.name, outcome, compared(rule.when, item))
        reached = not holds


def _model_line(ruleset: ModelRuleset, routing: Routing, *, reached: bool) -> Line:
    failed = any(_is_failure_of(ruleset, check) for check in routing.trace)
    outcome = Outcome.APPLIED if reached and not failed else Outcome.PROCESSED if failed else Outcome.NOT_PROCESSED
    return Line(ruleset.name, 1, ruleset.name, outcome)


def _is_failure_of(ruleset: ModelRuleset, check: Check) -> bool:
    return check.code == "classifier_failed" and check.facts.get("ruleset") == ruleset.name


def _all_matches(workstream: Workstream, routing: Routing) -> Iterator[Line]:
    """Hit policy "run all": every route rule is looked at (R2Q-2)."""
    item, chosen = routing.attributes, routing.route.candidate
    for position, rule in enumerate(workstream.routes, 1):
        if routing.classification.failed:
            yield Line(ROUTES, position, rule.name, Outcome.NOT_PROCESSED)
            continue
        holds = rule.when.holds(item)
        applied = holds and chosen is not None and chosen.rule == rule.name
        outcome = Outcome.APPLIED if applied else Outcome.MATCHED if holds else Outcome.PROCESSED
        yield Line(ROUTES, position, rule.name, outcome, compared(rule.when, item))


class Member(Protocol):
    """Somebody who works in queues and has skills; agents are."""

    @property
    def queues(self) -> frozenset[str]:
        """The queues they are a member of."""
        ...

    @property
    def skills(self) -> Ratings:
        """Their rating by skill."""
        ...


@attrs.frozen
class DryRun:
    """What rules would do with items."""

    routings: Mapping[str, Routing]
    """By conversation."""
    queues: Mapping[str, int]
    """How many items would go to each queue."""
    hits: Mapping[tuple[str, str], int]
    """How often each rule decided, by ruleset and rule; route rules stand under ``routes``."""
    unused: tuple[tuple[str, str], ...]
    """Rules that decided for no item."""
    unserved: tuple[str, ...]
    """Queues that rules lead to and that nobody can serve."""
    missing_skills: tuple[str, ...]
    """Skills that items would need and nobody has."""


def dry_run(
    workstream: Workstream,
    items: Iterable[Item],
    members: Iterable[Member] = (),
    around: Surroundings = ALL_CLEAR,
) -> DryRun:
    """Route *items* without doing anything, by the same functions that decide for real.

    Args:
        workstream: The rules to try.
        items: Conversations with their attributes.
        members: The agents.
        around: Queues, time and overflow.
    """
    routings = {key: run(workstream, item, key, around) for key, item in items}
    hits = Counter(hit for routing in routings.values() for hit in _hits(routing))
    names = tuple(_rules_of(workstream))
    people = tuple(members)
    needed = {skill for routing in routings.values() for skill in routing.classification.skills}
    return DryRun(
        routings,
        Counter(routing.queue for routing in routings.values()),
        {name: hits[name] for name in names},
        tuple(name for name in names if not hits[name]),
        _unserved(workstream, people, around.queues),
        tuple(sorted(skill for skill in needed if not any(skill in person.skills for person in people))),
    )


def _hits(routing: Routing) -> Iterator[tuple[str, str]]:
    for check in routing.classification.trace:
        if check.code == "classified":
            yield str(check.facts["ruleset"]), str(check.facts["name"])
    if routing.route.candidate is not None:
        yield ROUTES, routing.route.candidate.rule


def _rules_of(workstream: Workstream) -> Iterator[tuple[str, str]]:
    for ruleset in workstream.rulesets:
        if isinstance(ruleset, Ruleset):
            yield from ((ruleset.name, rule.name) for rule in ruleset.rules)
    yield from ((ROUTES, rule.name) for rule in workstream.routes)


def _unserved(workstream: Workstream, people: tuple[Member, ...], queues: Mapping[str, Queue]) -> tuple[str, ...]:
    leads = dict.fromkeys([queue for rule in workstream.routes for queue in rule.queues])
    known = (queues.get(name) or Queue(name) for name in {**leads, workstream.fallback_queue: None})
    return tuple(
        queue.name
        for queue in known
        if not (queue.default and people) and not any(queue.name in person.queues for person in people)
    )


@attrs.frozen
class Difference:
    """An item that two versions of the rules treat differently."""

    key: str
    before: Routing
    after: Routing
    fields: tuple[str, ...]
    """What differs: ``queue``, ``attributes``, ``skills``, ``profiles``."""


@attrs.frozen
class Comparison:
    """What another version of the rules changes."""

    items: int
    differences: tuple[Difference, ...]
    moved: Mapping[tuple[str, str], int]
    """How many items go from one queue to another."""


def compare(
    before: Workstream, after: Workstream, items: Iterable[Item], around: Surroundings = ALL_CLEAR
) -> Comparison:
    """Route recorded *items* by two versions of the rules, and return what differs."""
    known = dict(items)
    pairs = ((key, run(before, item, key, around), run(after, item, key, around)) for key, item in known.items())
    found = ((key, one, two, _differing(one, two)) for key, one, two in pairs)
    differences = tuple(Difference(key, one, two, fields) for key, one, two, fields in found if fields)
    moved = Counter((d.before.queue, d.after.queue) for d in differences if "queue" in d.fields)
    return Comparison(len(known), differences, moved)


def _differing(one: Routing, two: Routing) -> tuple[str, ...]:
    parts = {
        "queue": one.queue != two.queue,
        **{
            name: getattr(one.classification, name) != getattr(two.classification, name)
            for name in ("attributes", "skills", "profiles")
        },
    }
    return tuple(name for name, differs in parts.items() if differs)
