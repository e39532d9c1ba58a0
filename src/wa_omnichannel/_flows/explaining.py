"""Why a conversation went where it is, and why nobody has it: from its timeline and from the rows as they are."""

from __future__ import annotations

from datetime import datetime

from wa_omnichannel import routing
from wa_omnichannel._flows.loading import find_conversation
from wa_omnichannel._flows.steps import Flow, now, select
from wa_omnichannel.assignment import Explanation, Report, report
from wa_omnichannel.conversation import Conversation, Status, item_of
from wa_omnichannel.errors import NotFound
from wa_omnichannel.explain import Trace
from wa_omnichannel.ports import Agents, Happening, Listing, Timeline, WaitingItems
from wa_omnichannel.routing import Diagnosis, Surroundings, Workstream
from wa_omnichannel.rules import Rules

_ROUTED = frozenset({"routed", "rerouted", "transferred", "queue_without_members"})
_GIVEN = frozenset({"assigned", "picked"})
_EVERYTHING = 2**62


def explain(rules: Rules, conversation: str) -> Flow[Explanation]:
    """Return why a conversation is where it is.

    Raises:
        NotFound: There is no such conversation, or its workstream is gone from the settings.
    """
    listing = yield from find_conversation(conversation)
    known = listing.conversation
    workstream = rules.workstream_named(known.workstream)
    if workstream is None:
        raise NotFound("workstream", known.workstream)
    told = yield from select(Timeline(listing.number, listing.contact, conversation))
    waiting = (yield from _waiting(rules, listing)) if known.status is Status.OPEN else None
    given = _last(told, _GIVEN) if known.agent is not None else ()
    diagnosis = _diagnosis(rules, workstream, known, (yield from now()))
    return Explanation(_since_routed(told), given, waiting, diagnosis)


def _since_routed(told: tuple[Happening, ...]) -> Trace:
    """Return the checks of the last routing, and of everything that moved it afterwards."""
    traces: Trace = ()
    for happening in told:
        event = happening.event
        if event.kind in _ROUTED:
            traces = event.trace if event.kind in ("routed", "rerouted") else (*traces, *event.trace)
    return traces


def _last(told: tuple[Happening, ...], kinds: frozenset[str]) -> Trace:
    found = (happening.event.trace for happening in reversed(told) if happening.event.kind in kinds)
    return next(found, ())


def _waiting(rules: Rules, listing: Listing) -> Flow[Report]:
    items = yield from select(WaitingItems(_EVERYTHING))
    agents = [stored.value for stored in (yield from select(Agents()))]
    item = item_of(listing.number, listing.contact, listing.conversation, rules.assignment)
    return report(item, items, agents, rules.assignment, (yield from now()))


def _diagnosis(rules: Rules, workstream: Workstream, known: Conversation, at: datetime) -> Diagnosis:
    around = Surroundings(rules.assignment.queues, at)
    return routing.explain(workstream, known.attributes, known.id, around)
