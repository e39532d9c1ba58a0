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
from wa_omnichannel.assignment import AssignmentRules
from wa_omnichannel.attachments import AttachmentRules
from wa_omnichannel.consent import ConsentRules
from wa_omnichannel.errors import ConfigurationError, InvalidValue
from wa_omnichannel.masking import NO_MASKING, Masking
from wa_omnichannel.routing import NO_LIMITS, Limits, Problem, Queue, Surroundings, Workstream, check
from wa_omnichannel.sending import SendPolicy
from wa_omnichannel.session import NO_MARGIN, WINDOW
from wa_omnichannel.templates import Template
from wa_omnichannel.workforce import Presence

_T = TypeVar("_T")
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
    workstream: str
    """Name of the one workstream it belongs to."""
    language: str = attrs.field(default="en", converter=_language)
    attachments: AttachmentRules = AttachmentRules()
    consent: ConsentRules = ConsentRules()
    fallback: str | None = None
    """The template that goes out by itself instead of a message outside the window; its workstream's by default."""


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
    wrap_up: timedelta = timedelta(days=1)
    """Time after which a conversation in wrap-up is closed by the system."""
    merge_recycled_numbers: bool = False
    """Whether a known phone number with another person's user id is still taken for the same person."""
    masking: Masking = NO_MASKING
    """What is hidden from agents and in transcripts (MSK-1)."""
    limits: Limits = NO_LIMITS
    """How much a workstream may hold; ``routing.DYNAMICS`` is the settings profile ``dynamics``."""
    pool: str = "default"
    """Name of the set of numbers that share queues and agents."""
    version: int = 1
    """Version of the settings these rules were compiled from."""
    _numbers: Mapping[Address, Number] = attrs.field(init=False, eq=False, repr=False)
    _workstreams: Mapping[str, Workstream] = attrs.field(init=False, eq=False, repr=False)
    _policies: Mapping[Address, SendPolicy] = attrs.field(init=False, eq=False, repr=False)
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
                    number.fallback or workstreams[number.workstream].fallback_template or None,
                )
                for key, number in numbers.items()
            },
            "assignment": AssignmentRules(queues, self.presences),
        }
        for name, value in compiled.items():
            object.__setattr__(self, name, value)

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
            if number.workstream not in workstreams:
                raise _dangling(f"Number {number.number}", "workstream", number.workstream, workstreams)
        for workstream in self.workstreams:
            for queue in (workstream.fallback_queue, *(name for rule in workstream.routes for name in rule.queues)):
                if queue not in queues:
                    raise _dangling(f"Workstream {workstream.name!r}", "queue", queue, queues)

    def number(self, number: Address) -> Number | None:
        """Return the settings of a business number, or None if it is not ours."""
        return self._numbers.get(number)

    def workstream(self, number: Number) -> Workstream:
        """Return the workstream that *number* belongs to (CH-7)."""
        return self._workstreams[number.workstream]

    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with the rules of all workstreams, with names and places, in their order."""
        queues = self.assignment.queues
        return tuple(problem for known in self.workstreams for problem in check(known, queues, self.limits))

    def surroundings(self, now: datetime) -> Surroundings:
        """Return what route to queue needs to know of the queues at *now*."""
        return Surroundings(self.assignment.queues, now)

    def send_policy(self, number: Address) -> SendPolicy | None:
        """Return what the settings say about sending from *number*, or None if it is not ours."""
        return self._policies.get(number)


def _consent(number: Number, workstreams: Mapping[str, Workstream]) -> ConsentRules:
    """Return the consent rules of a number; its workstream can require an opt-in as well."""
    needed = number.consent.required or workstreams[number.workstream].consent_required
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
