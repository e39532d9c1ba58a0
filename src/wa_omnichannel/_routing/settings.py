"""Workstreams and their variables: what may be changed, copied, set and removed; closed and empty queues."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import attrs

from wa_omnichannel._routing.model import (
    ModelRuleset,
    Queue,
    QueueType,
    VariableType,
    Workstream,
)
from wa_omnichannel.conditions import Kind, Value, kind_of, leaves
from wa_omnichannel.errors import Refused
from wa_omnichannel.explain import Check, Remedy

MAX_VARIABLE = 4000
"""Longest value of a context variable in characters."""

SYSTEM_VARIABLES: Mapping[str, VariableType] = dict.fromkeys(
    (
        "msdyn_ConversationId",
        "msdyn_CustomerName",
        "msdyn_CustomerId",
        "msdyn_CustomerType",
        "msdyn_CaseId",
        "msdyn_CaseTitle",
        "msdyn_contact_msdyn_ocliveworkitem_Customer",
        "msdyn_account_msdyn_ocliveworkitem_Customer",
        "msdyn_incident_msdyn_ocliveworkitem",
        "va_SurveyConsent",
        "va_CustomerLocale",
    ),
    VariableType.TEXT,
)
"""The variables that every workstream has (WA-CONTEXT)."""

VARIABLE_KINDS: Mapping[VariableType, Kind] = {VariableType.TEXT: Kind.TEXT, VariableType.NUMBER: Kind.NUMBER}
"""Kind of the values of each type of variable."""

_FIXED: Mapping[str, str] = {"type": "WS-1", "channel": "WS-2", "direction": "WS-2", "mode": "WS-3"}
"""What is chosen when a workstream is made, and the rule that says so."""


def variable_types(workstream: Workstream) -> Mapping[str, VariableType]:
    """Return the type of every context variable of *workstream*, the system's included."""
    return {**SYSTEM_VARIABLES, **{variable.name: variable.type for variable in workstream.variables}}


def set_variables(
    workstream: Workstream, known: Mapping[str, Value], values: Mapping[str, Value]
) -> Mapping[str, Value] | Refused:
    """Return *known* with new values of context variables, or why they cannot be set (WA-CONTEXT).

    Args:
        workstream: Says which variables there are.
        known: The attributes so far.
        values: New values, by exact name; from a survey, a bot or the API.

    >>> from wa_omnichannel._routing.model import ContextVariable
    >>> main = Workstream("main", "all", variables=(ContextVariable("Orders", VariableType.NUMBER),))
    >>> set_variables(main, {}, {"Orders": 3})
    {'Orders': 3}
    >>> set_variables(main, {}, {"orders": 3}).reason
    'variable_unknown'
    """
    types = variable_types(workstream)
    for name, value in values.items():
        if name not in types:
            return _refused("WA-CONTEXT", "variable_unknown", {"variable": name, "known": tuple(types)}, "add_variable")
        if kind_of(value) is not VARIABLE_KINDS[types[name]]:
            wrong = {"variable": name, "type": types[name].value}
            return _refused("WA-CONTEXT", "variable_of_other_type", wrong, "give_variable_of_type")
        if isinstance(value, str) and len(value) > MAX_VARIABLE:
            sizes = {"variable": name, "length": len(value), "limit": MAX_VARIABLE}
            return _refused("WA-CONTEXT", "variable_too_long", sizes, "shorten_variable")
    return {**known, **values}


def _refused(rule: str, reason: str, facts: Mapping[str, object], remedy: str) -> Refused:
    return Refused(reason, facts, (Check(rule, False, reason, facts),), (Remedy(remedy, facts=facts),))


def users_of(workstream: Workstream, attribute: str) -> tuple[str, ...]:
    """Return the rules of *workstream* that read or set *attribute*, by name."""
    return tuple(name for name, used in _usages(workstream) if attribute in used)


def _usages(workstream: Workstream) -> Iterator[tuple[str, set[str]]]:
    for ruleset in workstream.rulesets:
        if isinstance(ruleset, ModelRuleset):
            yield ruleset.name, set(ruleset.inputs)
            continue
        for rule in ruleset.rules:
            yield f"{ruleset.name} / {rule.name}", {test.attribute for test in leaves(rule.when)} | {*rule.outputs}
    for route in workstream.routes:
        yield route.name, {test.attribute for test in leaves(route.when)}


def remove_variable(workstream: Workstream, name: str) -> Workstream | Refused:
    """Return *workstream* without the context variable, or a refusal that names the rules that use it.

    >>> from wa_omnichannel._routing.model import ContextVariable
    >>> main = Workstream("main", "all", variables=(ContextVariable("Orders"),))
    >>> remove_variable(main, "Orders").variables
    ()
    """
    rest = tuple(variable for variable in workstream.variables if variable.name != name)
    if len(rest) == len(workstream.variables):
        facts = {"variable": name, "known": tuple(variable.name for variable in workstream.variables)}
        return _refused("WA-CONTEXT", "variable_unknown", facts, "name_variable")
    users = users_of(workstream, name)
    if users:
        facts = {"variable": name, "rules": users}
        return _refused("WA-CONTEXT", "variable_in_use", facts, "change_rules_first")
    return attrs.evolve(workstream, variables=rest)


def change(before: Workstream, after: Workstream) -> Workstream | Refused:
    """Return *after* if *before* may become it: what was chosen at creation stays (WS-1, WS-2, WS-3).

    A variable that a rule of *after* uses must stay too.
    """
    for field in _FIXED:
        if getattr(before, field) != getattr(after, field):
            fixed = {"workstream": before.name, "field": field}
            return _refused(_FIXED[field], "workstream_fixed", fixed, "make_another_workstream")
    names = {variable.name for variable in after.variables}
    for variable in before.variables:
        users = () if variable.name in names else users_of(after, variable.name)
        if users:
            facts = {"variable": variable.name, "rules": users}
            return _refused("WA-CONTEXT", "variable_in_use", facts, "change_rules_first")
    return after


def copy(workstream: Workstream, taken: Iterable[str] = ()) -> Workstream:
    """Return a copy with all rules, called "Copy of …" (CH-33), numbered if that name is *taken*.

    >>> copy(Workstream("main", "all"), ["Copy of main"]).name
    'Copy of main (2)'
    """
    names, base = set(taken), f"Copy of {workstream.name}"
    name, n = base, 1
    while name in names:
        n += 1
        name = f"{base} ({n})"
    return attrs.evolve(workstream, name=name)


def is_operational(queue: Queue, now: datetime) -> bool:
    """Tell whether *queue* works at *now*; without hours it always does (QUE-3)."""
    return queue.hours is None or queue.hours.is_open(now)


def may_transfer(queue: Queue, type_: QueueType, now: datetime) -> Refused | None:
    """Return why an agent cannot transfer work of *type_* to *queue* at *now*, or None (WS-1, HRS-5)."""
    if queue.type is not type_:
        facts: Mapping[str, object] = {"queue": queue.name, "type": queue.type.value}
        return _refused("WS-1", "queue_of_other_type", facts, "choose_other_queue")
    if queue.hours is None or queue.hours.is_open(now):
        return None
    facts = {"queue": queue.name, "opens_at": queue.hours.next_open(now) or "-"}
    return _refused("HRS-5", "queue_closed", facts, "choose_other_queue")


def empty_queue(queue: Queue, members: int, *, closes: bool = False) -> Check | None:
    """Return what happens to an item in *queue* if nobody is a member; None if somebody is (QUE-6).

    Args:
        queue: Where the item is. Everybody is a member of a default queue (QUE-5).
        members: How many agents the queue has.
        closes: Close the conversation, as Dynamics does (profile ``dynamics``); otherwise it waits, with an alarm.
    """
    if members or queue.default:
        return None
    return Check("QUE-6", not closes, "empty_queue_closes" if closes else "empty_queue_waits", {"queue": queue.name})
