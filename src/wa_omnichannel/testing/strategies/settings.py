"""Strategies for settings and for the people who work with them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import timedelta

from hypothesis import strategies as st

from wa_omnichannel.attachments import AttachmentRules, Party
from wa_omnichannel.automation import LifeRules, Limits
from wa_omnichannel.conditions import All, AnyOf, Case, Condition, Not, Test, Value
from wa_omnichannel.routing import ClassificationRule, Queue, RouteRule, Ruleset, Workstream
from wa_omnichannel.rules import Number, Rules
from wa_omnichannel.sending import (
    FORBIDDEN_COUNTRIES,
    US_MARKETING,
    Charge,
    Counters,
    Price,
    RateCard,
    SendLimits,
    SendPolicy,
    Situation,
)
from wa_omnichannel.templates import Approval, Category, Template, Translation
from wa_omnichannel.testing.strategies.identities import languages, phones, sids
from wa_omnichannel.testing.strategies.instants import instants, margins
from wa_omnichannel.testing.strategies.said import TEMPLATE_NAMES
from wa_omnichannel.testing.strategies.windows import windows
from wa_omnichannel.workforce import Agent, Presence

QUEUES = ("sales", "billing", "all")
AGENT_IDS = ("ana", "ben", "eva")
_ATTRIBUTES: tuple[str, ...] = ("first_message", "language", "customer_name", "priority", "vip")
_EXTENSIONS = st.frozensets(st.sampled_from(("exe", "pdf", "jpg")))
_BODIES = ("Hi", "Hola {{1}}", "Pedido {{2}} de {{1}}", "Hola {{name}}", "{{1}}", "x" * 1000 + " {{1}}")


@functools.cache
def attributes() -> st.SearchStrategy[Mapping[str, Value]]:
    """Make the attributes that routing rules ask about."""
    words: st.SearchStrategy[str] = st.sampled_from(("es", "factura", ""))
    values: st.SearchStrategy[Value] = st.one_of(words, st.integers(-5, 5), st.floats(), st.booleans())
    return st.dictionaries(st.sampled_from(_ATTRIBUTES), values)


@functools.cache
def tests() -> st.SearchStrategy[Test]:
    """Make comparisons of the attributes that :func:`attributes` makes."""
    texts, numbers = st.sampled_from(("es", "fact", "x")), st.integers(-5, 5)
    names = st.sampled_from(_ATTRIBUTES)
    return st.one_of(
        st.builds(Test, names, st.sampled_from(("equals", "not_equals")), texts | numbers | st.booleans()),
        st.builds(Test, names, st.sampled_from(("contains", "begins", "ends")), texts, st.sampled_from(Case)),
        st.builds(Test, names, st.sampled_from(("less", "at_most", "greater", "at_least")), numbers),
        st.builds(Test, names, st.just("between"), st.tuples(numbers, numbers)),
        st.builds(Test, names, st.just("in"), st.lists(texts, min_size=1, max_size=3).map(tuple)),
        st.builds(Test, names, st.just("is_set")),
    )


@functools.cache
def conditions() -> st.SearchStrategy[Condition]:
    """Make condition trees of :func:`tests`."""

    def grown(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        several = st.lists(parts, max_size=3).map(tuple)
        return st.builds(All, several) | st.builds(AnyOf, several) | st.builds(Not, parts)

    return st.recursive(tests(), grown, max_leaves=4)


@functools.cache
def workstreams(*, name: str = "main") -> st.SearchStrategy[Workstream]:
    """Make workstreams that use the queues ``sales``, ``billing`` and ``all``.

    Args:
        name: The name of the workstream.
    """
    queues = st.sampled_from(QUEUES)
    sets = st.builds(ClassificationRule, st.sampled_from(("first", "second")), conditions(), attributes())
    rulesets = st.builds(Ruleset, st.sampled_from(("who", "what")), st.lists(sets, max_size=3).map(tuple))
    routes = st.builds(RouteRule, st.sampled_from(("to", "or")), queues, conditions())
    return st.builds(
        Workstream,
        st.just(name),
        queues,
        st.lists(rulesets, max_size=2).map(tuple),
        st.lists(routes, max_size=3).map(tuple),
        st.integers(1, 3),
    )


@functools.cache
def translations(*, language: str | None = None) -> st.SearchStrategy[Translation]:
    """Make translations in every state of approval, linked and not linked.

    Args:
        language: The language; any by default.
    """
    approvals = st.just(Approval.APPROVED) | st.sampled_from(Approval)
    tags = languages() if language is None else st.just(language)
    return st.builds(Translation, tags, st.sampled_from(_BODIES), approvals, st.none() | sids("HX"))


@functools.cache
@st.composite
def templates(draw: st.DrawFn, *, name: str | None = None) -> Template:
    """Make templates with one to three languages.

    Args:
        draw: Given by Hypothesis.
        name: The name; one of a few by default.
    """
    made = draw(st.lists(translations(), min_size=1, max_size=3, unique_by=lambda made: made.language))
    known = name if name is not None else draw(st.sampled_from(TEMPLATE_NAMES))
    default = draw(st.sampled_from([translation.language for translation in made]))
    return Template(known, tuple(made), default, draw(st.sampled_from(Category)))


@functools.cache
def _template_lists() -> st.SearchStrategy[tuple[Template, ...]]:
    return st.lists(templates(), max_size=2, unique_by=lambda made: made.name).map(tuple)


@functools.cache
def attachment_rules() -> st.SearchStrategy[AttachmentRules]:
    """Make attachment settings, most of them with something switched on."""
    switches = st.booleans() | st.just(True)
    limits = st.sampled_from((5 * 1024 * 1024, 128 * 1024 * 1024)) | st.integers(1, 2**28)
    return st.builds(AttachmentRules, switches, switches, switches, limits, _EXTENSIONS)


@functools.cache
def send_policies() -> st.SearchStrategy[SendPolicy]:
    """Make what the settings say about sending from one number."""
    by_name = _template_lists().map(lambda made: {template.name: template for template in made})
    return st.builds(SendPolicy, languages(), by_name, attachment_rules(), margins())


@functools.cache
def send_limits() -> st.SearchStrategy[SendLimits]:
    """Make secondary rules: countries, a small messaging tier, prices; each on or off."""
    countries = st.lists(st.sampled_from((FORBIDDEN_COUNTRIES, US_MARKETING)), max_size=2).map(tuple)
    prices = st.lists(st.builds(Price, st.sampled_from(("", "+34", "US.")), st.sampled_from(Charge), st.integers(0, 3)))
    cards = st.builds(RateCard, st.just("EUR"), prices, st.integers(0, 3), st.frozensets(st.sampled_from(Charge)))
    return st.builds(SendLimits, countries, st.none() | st.integers(1, 3), rates=st.none() | cards)


@functools.cache
def counters() -> st.SearchStrategy[Counters]:
    """Make what was counted for secondary rules, around the limits of :func:`send_limits`."""
    return st.builds(Counters, st.none() | st.integers(0, 4), st.booleans(), st.none() | st.integers(0, 4))


@functools.cache
def situations() -> st.SearchStrategy[Situation]:
    """Make what is known about a customer and a sender."""
    return st.builds(Situation, windows(), st.none() | languages(), st.sampled_from(Party))


@functools.cache
@st.composite
def rules(draw: st.DrawFn) -> Rules:
    """Make compiled settings: one or two numbers of one workstream, three queues, up to two templates."""
    numbers = draw(st.lists(phones(), min_size=1, max_size=2, unique=True))
    return Rules(
        [Number(number, "Shop", "main", draw(languages()), draw(attachment_rules())) for number in numbers],
        [draw(workstreams())],
        [Queue(name, draw(st.integers(1, 3))) for name in QUEUES],
        draw(_template_lists()),
        safety_margin=draw(margins()),
        closing_soon=timedelta(0),
        life=LifeRules(Limits(wrap_up=draw(st.timedeltas(timedelta(0), timedelta(days=2))))),
    )


@functools.cache
def agents(*, agent: str | None = None) -> st.SearchStrategy[Agent]:
    """Make agents with any presence, idle, busy and beyond their capacity.

    Args:
        agent: The id; one of a few by default.
    """
    return st.builds(
        Agent,
        st.sampled_from(AGENT_IDS) if agent is None else st.just(agent),
        st.sampled_from(("Ana", "Ben")),
        st.frozensets(st.sampled_from(QUEUES)),
        st.sampled_from(Presence),
        st.integers(0, 5),
        st.integers(0, 6),
        st.none() | instants(),
    )
