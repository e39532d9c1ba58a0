"""Strategies for types whose fields depend on each other, so that the types of the fields say too little."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from hypothesis import strategies as st

from wa_omnichannel.assignment import (
    AgentTest,
    AssignmentRule,
    AssignmentRules,
    CustomAssignment,
    FromItem,
    Manual,
    Order,
    Pool,
    QueuePolicy,
    Scoring,
    WorkPolicy,
)
from wa_omnichannel.automation import Automation, CustomMessage
from wa_omnichannel.bots import Choice, Menu, MenuBot
from wa_omnichannel.capacity import WrapUpBlocking
from wa_omnichannel.conditions import Condition, Pattern, Patterns, RuleIndex, Test, View
from wa_omnichannel.consent import Consent, ConsentRules
from wa_omnichannel.conversation import Conversation
from wa_omnichannel.errors import NeedsTemplate, Refused
from wa_omnichannel.explain import Facts, Remedy, Trace
from wa_omnichannel.hours import Block, Calendar, Holiday, OperatingHours
from wa_omnichannel.masking import MaskRule
from wa_omnichannel.outbound import Recipient
from wa_omnichannel.overflow import Action, Handling, Limit, MaximumWait, OpeningHours
from wa_omnichannel.quick_replies import QuickReply
from wa_omnichannel.routing import Candidate, Classifier, Mode, RouteRule, Share, Surroundings, Workstream
from wa_omnichannel.rules import Number, Rules
from wa_omnichannel.sending import SendPolicy
from wa_omnichannel.settings import Account, SecretName
from wa_omnichannel.skills import RatingModel, Skill, SkillBook
from wa_omnichannel.template_files import TemplateFile
from wa_omnichannel.templates import Template, Translation
from wa_omnichannel.testing.fakes import FixedCalendar, FixedClassifier
from wa_omnichannel.testing.strategies import settings
from wa_omnichannel.testing.strategies.building import OWN, Anything, built, of
from wa_omnichannel.testing.strategies.consenting import consent_rules, consents
from wa_omnichannel.testing.strategies.conversations import conversations, waiting_items
from wa_omnichannel.testing.strategies.identities import languages, phones, sids
from wa_omnichannel.workforce import CustomPresence, Presence

_QUEUES = st.sampled_from(settings.QUEUES)
_COMPARISONS = ("equals", "not_equals", "contains_data", "less", "at_most", "greater", "at_least")
_SUBJECTS = ("presence", "capacity", "profile", "attribute")
_ORDERS = ("round_robin", "capacity", "profile_capacity", "nearest", "most_proficient", "skill_count", "attribute")
_BASES = (Presence.AVAILABLE, Presence.BUSY, Presence.DO_NOT_DISTURB, Presence.AWAY)


def _agent_tests() -> st.SearchStrategy[AgentTest]:
    values: Anything = st.integers(-3, 9) | _QUEUES | st.builds(FromItem, st.just("demand"))
    plain = st.builds(AgentTest, st.sampled_from(_SUBJECTS), st.sampled_from(_COMPARISONS), values)
    skills = st.builds(AgentTest, st.just("skills"), st.sampled_from(("exact_match", "has_skill")), values)
    return plain | skills | st.just(AgentTest("calendar", "is_working"))


def _custom_assignments() -> st.SearchStrategy[CustomAssignment]:
    rulesets = st.lists(of(AssignmentRule), max_size=2).map(lambda rules: {"": (), "a": tuple(rules)})
    return built(CustomAssignment, selections=st.just(()), default=st.sampled_from(("", "a")), rulesets=rulesets)


def _policies() -> st.SearchStrategy[QueuePolicy]:
    return built(QueuePolicy, scoring=st.none()) | built(QueuePolicy, buckets=st.just(()))


def _handlings(*actions: Action) -> st.SearchStrategy[Handling]:
    return st.builds(Handling, st.just(Action.TRANSFER), _QUEUES) | st.sampled_from(actions).map(Handling)


def _limits() -> st.SearchStrategy[Limit]:
    return built(Limit, handling=_handlings(Action.END))


def _maximum_waits() -> st.SearchStrategy[MaximumWait]:
    times = st.timedeltas(timedelta(minutes=1), timedelta(days=2))
    return built(MaximumWait, time=times, handling=_handlings(Action.END))


def holidays() -> st.SearchStrategy[Holiday]:
    """Make holidays of one day and of several."""

    def made(first: date, days: int | None) -> Holiday:
        return Holiday("Fiesta", first, None if days is None else first + timedelta(days=days))

    return st.builds(made, of(date), st.none() | st.integers(0, 10))


def _rating_models() -> st.SearchStrategy[RatingModel]:
    def made(lowest: int, count: int) -> RatingModel:
        return RatingModel("scale", {value: f"level {value}" for value in range(lowest, lowest + count)})

    return st.builds(made, st.integers(1, 3), st.integers(1, 10))


def route_rules() -> st.SearchStrategy[RouteRule]:
    """Make rules that lead to one queue, or share their conversations out to two."""

    def shared(percent: int) -> RouteRule:
        return RouteRule("shared", shares=(Share("sales", percent), Share("billing", 100 - percent)))

    return built(RouteRule, queue=_QUEUES, shares=st.just(())) | st.integers(1, 99).map(shared)


def _workstreams() -> st.SearchStrategy[Workstream]:
    pops = st.none() | st.integers(1, 10).map(lambda steps: timedelta(seconds=30 * steps))

    def made(mode: Mode) -> st.SearchStrategy[Workstream]:
        policies = built(WorkPolicy, mode=st.sampled_from((mode, Mode.PUSH)))
        return built(Workstream, mode=st.just(mode), policy=policies, screen_pop=pops, variables=st.just(()))

    return st.sampled_from(Mode).flatmap(made)


def _pattern(source: str, *, ignore_case: bool = True) -> Pattern:
    found = re.compile(source, re.IGNORECASE if ignore_case else 0)
    return Pattern(source, ignore_case, search=found.search)


def refusals(cls: type[Refused] = Refused) -> Anything:
    """Make refusals with any facts, checks and remedies.

    Args:
        cls: :class:`Refused` or :class:`NeedsTemplate`.
    """
    reasons = st.sampled_from(("window_closed", "window_never_opened", "conversation_closed"))
    return st.builds(cls, reasons, of(Facts), of(Trace), of(tuple[Remedy, ...]))


def quick_replies() -> st.SearchStrategy[QuickReply]:
    """Make quick replies with and without slugs and tags, in any language."""
    return built(
        QuickReply,
        title=st.just("Greeting"),
        message=st.sampled_from(("Hola, {FirstName{Customer}}", "Gracias")),
        tags=st.frozensets(st.sampled_from(("#hola", "gracias"))),
    )


def _pools() -> st.SearchStrategy[Pool]:
    agents = st.lists(settings.agents(), max_size=2, unique_by=lambda agent: agent.id)
    return st.builds(Pool, of(AssignmentRules), agents, st.lists(waiting_items(), max_size=1))


def _template_files() -> st.SearchStrategy[TemplateFile]:
    return built(TemplateFile, templates=st.lists(settings.templates(), max_size=2).map(tuple))


def _surroundings() -> st.SearchStrategy[Surroundings]:
    def always(full: bool) -> Callable[[Candidate], bool]:
        return lambda _: full

    return built(Surroundings, overflows=st.booleans().map(always))


def _texts() -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(languages(), st.sampled_from(("Hola", "Elige 1 o 2.")), min_size=1, max_size=2)


def _custom_messages() -> st.SearchStrategy[CustomMessage]:
    return built(CustomMessage, texts=_texts())


def _automations() -> st.SearchStrategy[Automation]:
    layers = st.lists(_custom_messages(), max_size=3, unique_by=lambda message: message.trigger)
    return st.builds(Automation, layers, st.dictionaries(phones(), layers, max_size=2))


def _menu_bots() -> st.SearchStrategy[MenuBot]:
    names = ("start", "invoices")
    choices = st.lists(built(Choice, goto=st.sampled_from(("", *names)), says=_texts()), max_size=3).map(tuple)
    menus = st.tuples(*[built(Menu, name=st.just(name), says=_texts(), choices=choices) for name in names])
    return built(MenuBot, menus=menus, not_understood=_texts())


def _zone_names() -> st.SearchStrategy[str]:
    return st.sampled_from(("UTC", "Europe/Madrid", "America/New_York", "Asia/Kathmandu"))


def _whole(text: str) -> list[tuple[int, int]]:
    return [(0, len(text))]


def _secret_names() -> st.SearchStrategy[SecretName]:
    return st.builds(SecretName, st.sampled_from(("env", "file", "stored")), st.sampled_from(("TOKEN", "key")))


def _accounts() -> st.SearchStrategy[Account]:
    def paired(key: str | None) -> st.SearchStrategy[Account]:
        secrets = st.none() if key is None else _secret_names()
        return built(Account, sid=sids("AC"), public_url=urls, api_key=st.just(key), api_secret=secrets)

    urls = st.sampled_from(("https://example.com", "https://example.com/wa/"))
    return (st.none() | sids("SK")).flatmap(paired)


_BLOCK_DAYS = st.lists(st.integers(0, 6), max_size=7).map(tuple)

OWN.update(
    {
        Account: _accounts,
        AgentTest: _agent_tests,
        Automation: _automations,
        Block: lambda: built(Block, days=_BLOCK_DAYS),
        Calendar: lambda: st.dictionaries(of(date), st.just("Fiesta"), max_size=3).map(FixedCalendar),
        Classifier: lambda: st.sampled_from(("sales", "billing")).map(FixedClassifier),
        Condition: settings.conditions,
        Consent: consents,
        ConsentRules: consent_rules,
        Conversation: conversations,
        CustomAssignment: _custom_assignments,
        CustomMessage: _custom_messages,
        CustomPresence: lambda: built(CustomPresence, base=st.sampled_from(_BASES)),
        Handling: lambda: _handlings(Action.END, Action.QUEUE_ANYWAY),
        Holiday: holidays,
        Limit: _limits,
        Manual: lambda: built(Manual, refusal=st.none() | refusals()),
        MaskRule: lambda: built(MaskRule, spans=st.just(_whole)),
        MaximumWait: _maximum_waits,
        MenuBot: _menu_bots,
        NeedsTemplate: lambda: refusals(NeedsTemplate),
        Number: lambda: built(Number, number=phones(), split=st.none() | st.just(list)),
        OpeningHours: lambda: of(OperatingHours),
        Order: lambda: built(Order, by=st.sampled_from(_ORDERS)),
        Pattern: lambda: st.sampled_from(("fact", "^hola", r"\d+")).map(_pattern),
        Patterns: lambda: st.just(_pattern),
        Pool: _pools,
        QueuePolicy: _policies,
        QuickReply: quick_replies,
        RatingModel: _rating_models,
        Recipient: lambda: built(Recipient, to=phones(), zone=_zone_names()),
        Refused: refusals,
        RouteRule: route_rules,
        RuleIndex: lambda: st.lists(settings.conditions(), max_size=3).map(RuleIndex.of),
        Rules: settings.rules,
        Scoring: lambda: built(Scoring, every=st.timedeltas(timedelta(seconds=30), timedelta(hours=1))),
        SecretName: _secret_names,
        SendPolicy: settings.send_policies,
        SkillBook: lambda: st.lists(of(Skill), max_size=3).map(SkillBook),
        Surroundings: _surroundings,
        Template: settings.templates,
        TemplateFile: _template_files,
        Test: settings.tests,
        Translation: settings.translations,
        View: lambda: settings.attributes().map(View),
        Workstream: _workstreams,
        WrapUpBlocking: lambda: built(WrapUpBlocking, time=st.timedeltas(timedelta(seconds=30), timedelta(minutes=60))),
    }
)
