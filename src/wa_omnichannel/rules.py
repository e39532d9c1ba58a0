"""A channel's settings compiled into one frozen value.

``Rules`` is what every decision reads. It refuses settings that cannot work when it is built, so that
decisions need not check them again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

import attrs

from wa_omnichannel.addresses import Address, parse_language, parse_number
from wa_omnichannel.assignment import DYNAMICS_BLOCK, AssignmentRules, WorkPolicy
from wa_omnichannel.attachments import AttachmentRules
from wa_omnichannel.automation import LifeRules
from wa_omnichannel.consent import ConsentRules
from wa_omnichannel.errors import ConfigurationError, InvalidValue
from wa_omnichannel.masking import NO_MASKING, Masking
from wa_omnichannel.overflow import COUNT_AGE, Action, OpeningHours, Overflow, before_queue
from wa_omnichannel.pacing import PAIR, SENDER, Rate
from wa_omnichannel.routing import (
    DYNAMICS,
    NO_LIMITS,
    Candidate,
    Limits,
    Mode,
    Problem,
    Queue,
    Severity,
    Surroundings,
    Workstream,
    check,
)
from wa_omnichannel.sending import SendPolicy
from wa_omnichannel.sending.limits import NO_LIMITS as NO_SEND_LIMITS
from wa_omnichannel.sending.limits import SendLimits
from wa_omnichannel.sending.splitting import Clusters
from wa_omnichannel.session import NO_MARGIN, WINDOW
from wa_omnichannel.skills import NO_BOOK, SkillBook
from wa_omnichannel.surveys import SurveySettings
from wa_omnichannel.templates import Template
from wa_omnichannel.workforce import OfferRules, Presence

_T = TypeVar("_T")
_NO_SHIFTS: Mapping[str, OpeningHours] = {}
_NOTHING_OPEN: Mapping[str, int] = {}
_STATES_KEPT = 4


def _number(text: str) -> Address:
    return parse_number(text)


def _language(text: str) -> str:
    return parse_language(text)


@attrs.frozen
class Number:
    """One WhatsApp business number (CH-5, CH-7, CH-8)."""

    number: Address = attrs.field(converter=_number)
    """The number in E.164 with its plus sign."""
    name: str
    workstream: str = ""
    """Name of the one workstream it belongs to; empty: it is free to be given to one."""
    language: str = attrs.field(default="en", converter=_language)
    attachments: AttachmentRules = AttachmentRules()
    consent: ConsentRules = ConsentRules()
    enabled: bool = True
    """Switched off it takes no messages and sends none (CH-31); what it has is kept."""
    fallback: str | None = None
    """The template that goes out by itself instead of a message outside the window; its workstream's by default."""
    limits: SendLimits = NO_SEND_LIMITS
    """Secondary rules: countries, the messaging tier, prices."""
    split: Clusters | None = None
    """Takes a text of more than 1,600 characters apart, so that it goes out in several messages; None refuses it."""
    withheld_notice: str = ""
    """What the customer is told, once per file, when a file of theirs is withheld (ATT-12); empty for nothing."""
    translate: bool = False
    """Whether the formatting of agents' texts is translated into WhatsApp's (ATT-15)."""
    survey: SurveySettings = SurveySettings()
    """What customers are asked after a conversation; nothing by default (SUR-1)."""

    @property
    def takes_messages(self) -> bool:
        """Whether it is switched on and belongs to a workstream."""
        return self.enabled and bool(self.workstream)


def _numbers(given: Iterable[Number]) -> tuple[Number, ...]:
    return tuple(given)


def _workstreams(given: Iterable[Workstream]) -> tuple[Workstream, ...]:
    return tuple(given)


def _queues(given: Iterable[Queue]) -> tuple[Queue, ...]:
    return tuple(given)


def _templates(given: Iterable[Template]) -> tuple[Template, ...]:
    return tuple(given)


@attrs.frozen
class Rules:
    """Everything the settings say, ready to decide with.

    Raises:
        ConfigurationError: Something refers to a thing that is not there, or a name is used twice.
    """

    numbers: tuple[Number, ...] = attrs.field(converter=_numbers)
    workstreams: tuple[Workstream, ...] = attrs.field(converter=_workstreams)
    queues: tuple[Queue, ...] = attrs.field(converter=_queues)
    templates: tuple[Template, ...] = attrs.field(default=(), converter=_templates)
    presences: frozenset[Presence] = frozenset({Presence.AVAILABLE, Presence.BUSY})
    """Presences in which agents get work (WS-13)."""
    safety_margin: timedelta = NO_MARGIN
    """How much before its end the window counts as closed (SES-8)."""
    closing_soon: timedelta = timedelta(hours=1)
    """How long before the window closes the timeline says that it is about to."""
    template_refresh: timedelta | None = timedelta(hours=1)
    """How often the provider's list of templates is read once it was; None for only when asked."""
    merge_recycled_numbers: bool = False
    """Whether a known phone number with another person's user id is still taken for the same person."""
    masking: Masking = NO_MASKING
    """What is hidden from agents and in transcripts (MSK-1)."""
    life: LifeRules = LifeRules()
    """Offers, automated messages, limits and timeout rules of conversations."""
    limits: Limits = NO_LIMITS
    """How much a workstream may hold; ``routing.DYNAMICS`` is the settings profile ``dynamics``."""
    sender_rate: Rate = SENDER
    """How fast each number may send, for all workers together."""
    pair_rate: Rate = PAIR
    """How fast each number may send to one customer."""
    skills: SkillBook = NO_BOOK
    """Skills with their types and scales; one not listed is active and rated from 1 to 10 (SKL-1)."""
    shifts: Mapping[str, OpeningHours] = _NO_SHIFTS
    """Working hours by agent; only custom assignment rules ask for them (ASG-11)."""
    decline_limit: int = 3
    """Declines after which an agent is not offered a conversation again (ASG-15)."""
    decliner_limit: int = 100
    """Agents whose declines take a conversation out of automatic assignment for good (ASG-16)."""
    offers: OfferRules = OfferRules()
    """What a missed or rejected offer does to an agent's presence (NOT-5)."""
    block: int | None = None
    """How many items at the head one assignment cycle looks at; None: all (ASG-2)."""
    count_age: timedelta = timedelta(0)
    """How old the number of open items of a queue may be; none: counted exactly (OVF-4)."""
    empty_queue_closes: bool = False
    """Whether a conversation in a queue without members is closed; otherwise it waits, with an alarm (QUE-6)."""
    pool: str = "default"
    """Name of the set of numbers that share queues and agents."""
    version: int = 1
    """Version of the settings these rules were compiled from."""
    _numbers: Mapping[Address, Number] = attrs.field(init=False, eq=False, repr=False)
    _workstreams: Mapping[str, Workstream] = attrs.field(init=False, eq=False, repr=False)
    _policies: Mapping[Address, SendPolicy] = attrs.field(init=False, eq=False, repr=False)
    _item_limits: Mapping[str, int] = attrs.field(init=False, eq=False, repr=False)
    _live: dict[str, Rules] = attrs.field(factory=dict[str, "Rules"], init=False, eq=False, repr=False)
    """The same settings with the templates as they stand, by the state of the catalog; the latest few."""
    assignment: AssignmentRules = attrs.field(init=False, eq=False, repr=False)
    """What the assignment of work needs."""

    def __attrs_post_init__(self) -> None:
        templates = _index(self.templates, "template", lambda template: template.name)
        queues = _index(self.queues, "queue", lambda queue: queue.name)
        numbers = _index(self.numbers, "number", lambda number: number.number)
        workstreams = _index(self.workstreams, "workstream", lambda workstream: workstream.name)
        self._check_references(queues, workstreams)
        _check_fallbacks(self.numbers, self.workstreams, templates)
        _check_life(self.life, workstreams)
        compiled = {
            "_numbers": numbers,
            "_workstreams": workstreams,
            "_policies": {
                key: SendPolicy(
                    number.language,
                    templates,
                    number.attachments,
                    self.safety_margin,
                    _consent(number, workstreams),
                    key,
                    number.fallback or _fallback(workstreams.get(number.workstream)),
                    number.limits,
                    number.split,
                    number.translate,
                )
                for key, number in numbers.items()
            },
            "_item_limits": _item_limits(self.queues, self.workstreams),
            "assignment": self._compile_assignment(queues),
        }
        for name, value in compiled.items():
            object.__setattr__(self, name, value)

    def _compile_assignment(self, queues: Mapping[str, Queue]) -> AssignmentRules:
        return AssignmentRules(
            queues,
            self.presences,
            {queue.name: queue.policy for queue in self.queues},
            {known.name: _work_policy(known) for known in self.workstreams},
            self.skills,
            self.shifts,
            self.decline_limit,
            self.decliner_limit,
            self.block,
        )

    def known_as(self, stamp: str) -> Rules | None:
        """Return these settings with the templates of the catalog's state *stamp*, if that was compiled already."""
        return self._live.get(stamp)

    def with_templates(self, stamp: str, templates: Iterable[Template]) -> Rules:
        """Return these settings with *templates* as they stand in the catalog's state *stamp*."""
        made = attrs.evolve(self, templates=templates)
        while len(self._live) >= _STATES_KEPT:
            self._live.pop(next(iter(self._live)), None)
        self._live[stamp] = made
        return made

    def _check_references(self, queues: Mapping[str, Queue], workstreams: Mapping[str, Workstream]) -> None:
        if self.safety_margin < NO_MARGIN or self.safety_margin >= timedelta(hours=24):
            raise InvalidValue("safety_margin", str(self.safety_margin), "Use a duration from 0 to below 24 hours.")
        if not NO_MARGIN <= self.closing_soon < WINDOW - self.safety_margin:
            raise InvalidValue("closing_soon", str(self.closing_soon), "Use a duration shorter than the window.")
        for number in self.numbers:
            if number.workstream and number.workstream not in workstreams:
                raise _dangling(f"Number {number.number}", "workstream", number.workstream, workstreams)
        for workstream in self.workstreams:
            for queue in (workstream.fallback_queue, *(name for rule in workstream.routes for name in rule.queues)):
                if queue not in queues:
                    raise _dangling(f"Workstream {workstream.name!r}", "queue", queue, queues)
            for rule in workstream.routes:
                _check_overflow(f"Route rule {rule.name!r}", rule.overflow or Overflow(), queues)
        for known in self.queues:
            _check_overflow(f"Queue {known.name!r}", known.overflow, queues)

    def number(self, number: Address) -> Number | None:
        """Return the settings of a business number, or None if it is not ours."""
        return self._numbers.get(number)

    def free_numbers(self) -> tuple[Number, ...]:
        """Return the numbers that can still be given to a workstream (CH-7)."""
        return tuple(number for number in self.numbers if not number.workstream)

    def workstream(self, number: Number) -> Workstream:
        """Return the workstream that *number* belongs to (CH-7)."""
        return self._workstreams[number.workstream]

    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with the rules of all workstreams, with names and places, in their order."""
        queues = self.assignment.queues
        found = tuple(problem for known in self.workstreams for problem in check(known, queues, self.limits))
        return (*found, *(problem for queue in self.queues for problem in _without_effect(queue)))

    def as_dynamics(self) -> Rules:
        """Return these rules under the settings profile ``dynamics``: with the limits and habits of Dynamics.

        At most so many rules (CLS-1, R2Q-1), blocks of 100 (ASG-2), counts of 10 seconds ago (OVF-4), and
        conversations in queues without members are closed (QUE-6).
        """
        return attrs.evolve(self, limits=DYNAMICS, block=DYNAMICS_BLOCK, count_age=COUNT_AGE, empty_queue_closes=True)

    def surroundings(
        self, workstream: Workstream, now: datetime, open_items: Mapping[str, int] = _NOTHING_OPEN
    ) -> Surroundings:
        """Return what route to queue needs to know of the queues at *now*.

        Args:
            workstream: Whose item is routed.
            now: The current instant.
            open_items: How many items are open in each queue that has a limit.
        """
        queues = self.assignment.queues

        def overflows(candidate: Candidate) -> bool:
            queue = queues[candidate.queue]
            overflow = workstream.overflow_at(queue, candidate.rule)
            return before_queue(overflow, queue.hours, open_items.get(queue.name, 0), now).overflows

        return Surroundings(queues, now, overflows)

    def queue(self, name: str) -> Queue:
        """Return the settings of a queue; one that is gone has none."""
        return self.assignment.queues.get(name) or Queue(name)

    def has_bot(self, workstream: Workstream) -> bool:
        """Tell whether a bot gets the conversations of *workstream* first (BOT-1); only push ones have any (WS-3b)."""
        return bool(self.life.of(workstream.name).bot) and workstream.mode is Mode.PUSH

    def workstream_named(self, name: str) -> Workstream | None:
        """Return a workstream by its name, or None if it is gone."""
        return self._workstreams.get(name)

    @property
    def item_limits(self) -> Mapping[str, int]:
        """The highest limit of open items that any setting asks about, by queue (OVF-4)."""
        return self._item_limits

    def send_policy(self, number: Address) -> SendPolicy | None:
        """Return what the settings say about sending from *number*; None if it is not ours, or switched off."""
        known = self._numbers.get(number)
        return self._policies[number] if known is not None and known.enabled else None

    def silence(self, number: Address) -> str:
        """Return the reason why nothing is sent from a number that has no policy."""
        return "number_off" if number in self._numbers else "number_unknown"


def _fallback(workstream: Workstream | None) -> str | None:
    return workstream.fallback_template or None if workstream is not None else None


def _consent(number: Number, workstreams: Mapping[str, Workstream]) -> ConsentRules:
    """Return the consent rules of a number; its workstream can require an opt-in as well."""
    workstream = workstreams.get(number.workstream)
    needed = number.consent.required or (workstream is not None and workstream.consent_required)
    return attrs.evolve(number.consent, required=needed)


def _index(things: Iterable[_T], kind: str, key: Callable[[_T], str]) -> Mapping[str, _T]:
    found: dict[str, _T] = {}
    for thing in things:
        if key(thing) in found:
            raise ConfigurationError(f"The {kind} {key(thing)!r} is defined twice; remove or rename one.")
        found[key(thing)] = thing
    return found


def _dangling(where: str, kind: str, name: str, known: Iterable[str]) -> ConfigurationError:
    return ConfigurationError(f"{where} refers to the {kind} {name!r}; known are: {', '.join(known) or 'none'}.")


def _check_fallbacks(
    numbers: Iterable[Number], workstreams: Iterable[Workstream], templates: Mapping[str, Template]
) -> None:
    """Refuse a template that is to go out by itself and is not there."""
    said = [(f"Number {number.number}", number.fallback) for number in numbers]
    said += [(f"Workstream {workstream.name!r}", workstream.fallback_template) for workstream in workstreams]
    for where, name in said:
        if name and name not in templates:
            raise _dangling(where, "template", name, templates)


def _work_policy(workstream: Workstream) -> WorkPolicy:
    return attrs.evolve(workstream.policy, mode=workstream.mode)


def _check_life(life: LifeRules, workstreams: Mapping[str, Workstream]) -> None:
    for name in life.workstreams:
        if name not in workstreams:
            raise _dangling("The life of conversations", "workstream", name, workstreams)


def _check_overflow(where: str, overflow: Overflow, queues: Mapping[str, Queue]) -> None:
    parts = (part.handling for part in (overflow.limit, overflow.wait) if part is not None)
    for handling in (overflow.outside_hours, *parts):
        if handling.action is Action.TRANSFER and handling.queue not in queues:
            raise _dangling(where, "queue", str(handling.queue), queues)


def _item_limits(queues: Iterable[Queue], workstreams: Iterable[Workstream]) -> Mapping[str, int]:
    said = [(queue.name, queue.overflow) for queue in queues]
    routes = (route for workstream in workstreams for route in workstream.routes if route.overflow is not None)
    said += [(name, route.overflow or Overflow()) for route in routes for name in route.queues]
    found: dict[str, int] = {}
    for name, overflow in said:
        if overflow.limit is not None:
            found[name] = max(found.get(name, 0), overflow.limit.items)
    return found


def _without_effect(queue: Queue) -> Iterable[Problem]:
    """Yield the settings of *queue* that only reports of a later release will use (QUE-7)."""
    columns = {"service_level": queue.service_level, "short_abandoned": queue.short_abandoned}
    for column, value in columns.items():
        if value is not None:
            facts = {"queue": queue.name, "column": column}
            yield Problem("setting_without_effect", Severity.NOTE, f"queue {queue.name}", facts=facts)
