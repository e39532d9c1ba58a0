"""Strategies for whole set-ups, as a settings file describes them: everything in them fits together."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

import attrs
from hypothesis import strategies as st

from wa_omnichannel.automation import Automation, CustomMessage, Fallback, Trigger
from wa_omnichannel.capacity import CapacityProfile, Reset
from wa_omnichannel.conditions import Value
from wa_omnichannel.hours import Block, Exceptional, Holiday, OperatingHours
from wa_omnichannel.routing import (
    ClassificationRule,
    ContextVariable,
    Direction,
    Limits,
    Mode,
    Queue,
    Ruleset,
    Severity,
    VariableType,
    Workstream,
    check,
)
from wa_omnichannel.rules import Rules
from wa_omnichannel.sandbox import Sandbox
from wa_omnichannel.settings import Account, AgentProfile, CustomerDirectory, SecretName, Settings
from wa_omnichannel.templates import Standing, Template
from wa_omnichannel.testing.strategies.identities import sids
from wa_omnichannel.testing.strategies.settings import QUEUES, rules

T = TypeVar("T")
_ZONES = ("Europe/Madrid", "America/Mexico_City", "UTC")
_HELLO = CustomMessage(Trigger.GREETING, {"es": "Hola {CustomerName}"}, fallback=Fallback("order_ready"))
_QUIET = CustomMessage(Trigger.OUT_OF_HOURS, active=False)
_TALKING = Automation([_HELLO, _QUIET], {"+14155550100": [_QUIET]})
_VARIABLES = (ContextVariable("vip", VariableType.NUMBER), ContextVariable("priority", VariableType.NUMBER))


@functools.cache
def operating_hours() -> st.SearchStrategy[OperatingHours]:
    """Make operating hours with blocks, holidays and single days of their own."""
    minutes = st.times().map(lambda made: time(made.hour, made.minute))
    days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
    blocks = st.builds(Block, st.lists(st.integers(0, 6), min_size=1).map(tuple), minutes, minutes, st.integers(1, 3))
    stretches = st.lists(st.tuples(minutes, minutes), max_size=2).map(tuple)
    return st.builds(
        OperatingHours,
        st.sampled_from(("office", "night")),
        st.sampled_from(_ZONES),
        st.lists(blocks, max_size=2).map(tuple),
        st.lists(st.builds(Holiday, st.just("Navidad"), days), max_size=2).map(tuple),
        st.lists(st.builds(Exceptional, days, stretches), max_size=1).map(tuple),
    )


@functools.cache
def secret_names() -> st.SearchStrategy[SecretName]:
    """Make places of secrets."""
    return st.builds(SecretName, st.sampled_from(("env", "file", "stored")), st.sampled_from(("TOKEN", "/run/t", "x")))


@functools.cache
def accounts() -> st.SearchStrategy[Account]:
    """Make accounts at the provider."""
    tokens = st.lists(secret_names(), max_size=2).map(tuple)
    url = st.just("https://example.com/wa")
    return st.builds(Account, sids("AC"), secret_names(), url, st.sampled_from(("", "main")), other_tokens=tokens)


def _profiles() -> st.SearchStrategy[tuple[CapacityProfile, ...]]:
    made = st.builds(CapacityProfile, st.sampled_from(("chat", "mail")), st.integers(0, 5), st.sampled_from(Reset))
    return st.lists(made, max_size=2, unique_by=lambda profile: profile.name).map(tuple)


@functools.cache
@st.composite
def setups(draw: st.DrawFn) -> Settings:
    """Make whole set-ups that a settings file can hold; approval of templates is not part of them."""
    profiles = draw(_profiles())
    limits = st.none() | st.integers(0, 5)
    names = [profile.name for profile in profiles]
    agents = st.builds(
        AgentProfile,
        st.sampled_from(("ana", "ben")),
        st.sampled_from(("Ana", "Ben")),
        st.frozensets(st.sampled_from(QUEUES)),
        st.integers(0, 5),
        st.dictionaries(st.sampled_from(("es", "tax")), st.integers(1, 10)),
        st.dictionaries(st.sampled_from(names), limits) if names else st.just({}),
    )
    return Settings(
        _storable(draw(rules()), draw),
        draw(st.none() | accounts()),
        draw(st.none() | st.builds(CustomerDirectory, st.just("customers.csv"), token=st.none() | secret_names())),
        tuple(draw(st.lists(agents, max_size=2, unique_by=lambda agent: agent.id))),
        profiles,
    )


def _storable(made: Rules, draw: st.DrawFn) -> Rules:
    """Return *made* with more settings, and without what a check of its file would refuse."""
    queues = [attrs.evolve(queue, hours=draw(st.none() | operating_hours())) for queue in made.queues]
    return attrs.evolve(
        made,
        workstreams=[_sound(_varied(workstream, draw), queues) for workstream in made.workstreams],
        queues=queues,
        templates=[_unread(template) for template in made.templates],
        limits=draw(st.sampled_from((Limits(), Limits(rules=100, levels=2)))),
        merge_recycled_numbers=draw(st.booleans()),
        life=attrs.evolve(made.life, messages=draw(st.sampled_from((None, _TALKING)))),
        sandbox=draw(st.none() | st.just(Sandbox("two-words"))),
    )


def _varied(workstream: Workstream, draw: st.DrawFn) -> Workstream:
    idle = st.none() | st.timedeltas(timedelta(microseconds=1), timedelta(days=3))
    return attrs.evolve(
        workstream,
        rulesets=tuple(
            Ruleset(f"set{n}", tuple(_plain(rule) for rule in each.rules))
            for n, each in enumerate(workstream.rulesets)
            if isinstance(each, Ruleset)
        ),
        variables=_VARIABLES,
        zone=draw(st.none() | st.sampled_from(_ZONES).map(ZoneInfo)),
        auto_close_after=draw(idle),
        mode=draw(st.sampled_from(Mode)),
        direction=draw(st.sampled_from(Direction)),
        consent_required=draw(st.booleans()),
    )


def _plain(rule: ClassificationRule) -> ClassificationRule:
    """Leave out values that are not equal to themselves."""
    sets: Mapping[str, Value] = {name: value for name, value in rule.sets.items() if value == value}  # noqa: PLR0124
    return attrs.evolve(rule, sets=sets)


def _sound(workstream: Workstream, queues: Iterable[Queue]) -> Workstream:
    """Leave out rules until nothing is wrong with the others."""
    known = {queue.name: queue for queue in queues}
    while True:
        wrong = next((p for p in check(workstream, known) if p.severity is Severity.ERROR), None)
        if wrong is None:
            return workstream
        rulesets = tuple(
            attrs.evolve(each, rules=_without(each.rules, wrong.position)) if each.name == wrong.ruleset else each
            for each in workstream.rulesets
            if isinstance(each, Ruleset)
        )
        routes = _without(workstream.routes, wrong.position) if wrong.ruleset == "routes" else workstream.routes
        workstream = attrs.evolve(workstream, rulesets=rulesets, routes=routes)


def _without(rules_: tuple[T, ...], position: int) -> tuple[T, ...]:
    return (*rules_[: position - 1], *rules_[position:])


def _unread(template: Template) -> Template:
    translations = [attrs.evolve(each, approval=Standing()) for each in template.translations]
    return attrs.evolve(template, translations=translations)
