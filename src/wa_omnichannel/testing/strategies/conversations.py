"""Strategies for the rows a decision reads, and for everything that can happen to them."""

from __future__ import annotations

import functools

import attrs
from hypothesis import strategies as st

from wa_omnichannel.addresses import Address
from wa_omnichannel.assignment import WaitingItem
from wa_omnichannel.attachments import Party
from wa_omnichannel.conversation import (
    AcceptRequested,
    AgentAssigned,
    Called,
    CloseRequested,
    Contact,
    ContactsMerged,
    Conversation,
    Direction,
    DispatchDue,
    EndRequested,
    Event,
    MediaFailed,
    MediaFetched,
    Message,
    Received,
    Reconciled,
    SendFinished,
    SendRequested,
    State,
    Status,
    StatusReported,
    Thread,
    TimerFired,
)
from wa_omnichannel.rules import Rules
from wa_omnichannel.testing.strategies.identities import addresses, languages, phones, sids
from wa_omnichannel.testing.strategies.instants import instants
from wa_omnichannel.testing.strategies.said import (
    MESSAGE_IDS,
    contents,
    delivery_statuses,
    inbounds,
    outcomes,
    sightings,
    status_reports,
)
from wa_omnichannel.testing.strategies.settings import AGENT_IDS, QUEUES, agents, attributes
from wa_omnichannel.testing.strategies.windows import windows

CONVERSATION_IDS = ("c1", "c2")
CONTACT_ID = "k1"


@functools.cache
def contacts() -> st.SearchStrategy[Contact]:
    """Make contacts with up to three addresses."""
    known = st.lists(addresses(), max_size=3, unique=True).map(tuple)
    return st.builds(Contact, st.just(CONTACT_ID), known, st.sampled_from(("", "Ana")), st.none() | languages())


@functools.cache
@st.composite
def conversations(draw: st.DrawFn) -> Conversation:
    """Make conversations in every state; who has an agent, has one as the state demands."""
    status = draw(st.sampled_from(Status))
    held = status in (Status.ACTIVE, Status.WRAP_UP) or (status is Status.CLOSED and draw(st.booleans()))
    return Conversation(
        draw(st.sampled_from(CONVERSATION_IDS)),
        status,
        "main",
        draw(st.sampled_from(QUEUES)),
        draw(instants()),
        draw(instants()),
        draw(instants()),
        draw(st.sampled_from(AGENT_IDS)) if held else None,
        draw(st.none() | instants()) if held else None,
        draw(st.integers(1, 3)),
        draw(attributes()),
    )


def threads(*, numbers: st.SearchStrategy[Address] | None = None) -> st.SearchStrategy[Thread]:
    """Make threads without, with a live, and with a closed conversation.

    Args:
        numbers: The business numbers.
    """
    return st.builds(
        Thread,
        phones() if numbers is None else numbers,
        st.just(CONTACT_ID),
        addresses(),
        windows(),
        st.none() | conversations(),
        st.integers(0, 5),
    )


def messages(*, numbers: st.SearchStrategy[Address] | None = None) -> st.SearchStrategy[Message]:
    """Make messages in both directions and every delivery status.

    Args:
        numbers: The business numbers.
    """
    return st.builds(
        Message,
        st.sampled_from(MESSAGE_IDS),
        phones() if numbers is None else numbers,
        st.just(CONTACT_ID),
        st.none() | st.sampled_from(CONVERSATION_IDS),
        st.sampled_from(Direction),
        contents(),
        instants(),
        st.sampled_from(("customer", "system", *AGENT_IDS)),
        delivery_statuses(),
        sid=st.none() | sids(),
        party=st.sampled_from(Party),
        attempt=st.integers(0, 6),
        dispatched_at=st.none() | instants(),
    )


@st.composite
def states(draw: st.DrawFn, rules: Rules) -> State:
    """Make the rows of a decision under *rules*: any that a store could hold.

    The agent is the holder of the conversation where it has one, otherwise anybody or nobody.

    Args:
        draw: Given by Hypothesis.
        rules: The settings; most threads belong to one of their numbers.
    """
    thread = draw(_THREADS)
    if draw(st.integers(0, 3)):
        thread = attrs.evolve(thread, number=draw(st.sampled_from(rules.numbers)).number)
    live = thread.live
    holder = draw(agents(agent=live.agent)) if live is not None and live.agent is not None else None
    agent = holder if holder is not None else draw(_MAYBE_AGENTS)
    message = draw(_MAYBE_MESSAGES)
    message = attrs.evolve(message, number=thread.number) if message is not None else None
    return State(draw(contacts()), thread, agent, message)


_THREADS = threads()
_MAYBE_AGENTS = st.none() | agents()
_MAYBE_MESSAGES = st.none() | messages()


def events(rules: Rules) -> st.SearchStrategy[Event]:
    """Make everything that can happen to a thread under *rules*, whether it makes sense now or not.

    Args:
        rules: The settings; inbound messages go to one of their numbers.
    """
    number = rules.numbers[0].number

    def ours(event: Event) -> Event:
        if isinstance(event, Received):
            return attrs.evolve(event, inbound=attrs.evolve(event.inbound, number=number))
        if isinstance(event, ContactsMerged):
            return attrs.evolve(event, thread=attrs.evolve(event.thread, number=number))
        return event

    return _any_events().map(ours)


@functools.cache
def _any_events() -> st.SearchStrategy[Event]:
    who = st.none() | st.sampled_from(AGENT_IDS)
    conversation = st.sampled_from(CONVERSATION_IDS)
    authors = st.sampled_from(("system", *AGENT_IDS))
    parties = st.sampled_from(Party)
    return st.one_of(
        st.builds(Received, inbounds(), instants(), st.just("m9"), st.just("c9")),
        st.builds(SendRequested, st.just("m9"), contents(), authors, parties, st.none() | conversation, who),
        st.builds(DispatchDue),
        st.builds(SendFinished, outcomes()),
        st.builds(Reconciled, st.lists(sightings(), max_size=2).map(tuple)),
        st.builds(StatusReported, status_reports()),
        st.builds(AgentAssigned),
        st.builds(AcceptRequested),
        st.builds(EndRequested, who),
        st.builds(CloseRequested, who),
        st.builds(TimerFired, st.just("auto_close"), conversation),
        st.builds(MediaFetched, st.just("m1"), st.sampled_from(("image/jpeg", "text/html")), st.integers(0, 2**25)),
        st.builds(MediaFailed, st.just("gone")),
        st.builds(Called, instants()),
        st.builds(ContactsMerged, threads()),
    )


def waiting_items(*, conversation: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[WaitingItem]:
    """Make conversations that wait in a queue.

    Args:
        conversation: The ids of the conversations.
    """
    return st.builds(
        WaitingItem,
        st.sampled_from(QUEUES),
        instants(),
        phones(),
        st.just(CONTACT_ID),
        st.sampled_from(CONVERSATION_IDS) if conversation is None else conversation,
        st.integers(1, 3),
    )
