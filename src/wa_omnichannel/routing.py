"""Unified routing: work classification, then route to queue.

* **CLS-2** all rulesets run in order; inside one the first matching rule wins.
* **CLS-3** what a ruleset sets is visible to the next one. **CLS-4** no match is no error.
* **R2Q-2** all route rules are looked at; the queues of those that match are candidates, in order.
* **R2Q-5** no rule or no match: the workstream's fallback queue (QUE-4).

Source: Microsoft Learn, "Configure work classification rulesets" and "Configure route-to-queue rules".
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from wa_omnichannel.conditions import ALWAYS, Attributes, Condition, Value
from wa_omnichannel.explain import Check, Trace

_NOTHING: Mapping[str, Value] = {}


@attrs.frozen
class ClassificationRule:
    """When the condition holds, set these attributes."""

    name: str
    when: Condition = ALWAYS
    sets: Mapping[str, Value] = _NOTHING


@attrs.frozen
class Ruleset:
    """Rules of which the first that matches wins (CLS-2)."""

    name: str
    rules: tuple[ClassificationRule, ...]


@attrs.frozen
class RouteRule:
    """When the condition holds, the queue is a candidate."""

    name: str
    queue: str
    when: Condition = ALWAYS


@attrs.frozen
class Queue:
    """A queue of conversations and its members' order."""

    name: str
    priority: int = 100
    """Smaller is served first across the queues of an agent (QUE-2)."""


@attrs.frozen
class Workstream:
    """How conversations of a set of numbers are classified, routed and distributed."""

    name: str
    fallback_queue: str
    """Takes what no rule routes (WS-4, QUE-4)."""
    rulesets: tuple[Ruleset, ...] = ()
    routes: tuple[RouteRule, ...] = ()
    demand: int = 1
    """Units of capacity that one conversation consumes (CAP-1)."""
    consent_required: bool = False
    """Whether templates that nobody asked for need the customer's opt-in."""


@attrs.frozen
class Routing:
    """What classification and routing came to."""

    attributes: Attributes
    queue: str
    trace: Trace


def classify(workstream: Workstream, item: Attributes) -> tuple[Attributes, Trace]:
    """Return the attributes of *item* after every ruleset ran, and the rules that matched (CLS-2, CLS-3).

    >>> vip = Ruleset("vip", (ClassificationRule("gold", sets={"priority": 1}),))
    >>> classify(Workstream("main", "all", (vip,)), {"body": "hola"})[0]["priority"]
    1
    """
    known: Attributes = item
    trace: list[Check] = []
    for ruleset in workstream.rulesets:
        for rule in ruleset.rules:
            if rule.when.holds(known):
                known = {**known, **rule.sets}
                facts = {"ruleset": ruleset.name, "name": rule.name, "sets": tuple(rule.sets)}
                trace.append(Check("CLS-2", True, "classified", facts))
                break
    return known, tuple(trace)


def route(workstream: Workstream, item: Attributes) -> tuple[str, Check]:
    """Return the queue for a classified *item*: of the first matching rule, or the fallback (R2Q-3, R2Q-5).

    >>> rules = (RouteRule("bills", "billing", when=ALWAYS),)
    >>> route(Workstream("main", "all", routes=rules), {})[0]
    'billing'
    """
    for rule in workstream.routes:
        if rule.when.holds(item):
            return rule.queue, Check("R2Q-3", True, "routed", {"name": rule.name, "queue": rule.queue})
    queue = workstream.fallback_queue
    return queue, Check("R2Q-5", True, "routed_to_fallback", {"queue": queue})


def run(workstream: Workstream, item: Attributes) -> Routing:
    """Classify *item* and route it to a queue; total: every item gets a queue (R2Q-5)."""
    attributes, trace = classify(workstream, item)
    queue, check = route(workstream, attributes)
    return Routing(attributes, queue, (*trace, check))
