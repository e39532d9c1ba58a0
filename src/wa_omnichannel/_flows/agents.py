"""What agents do: appear, accept, end, close."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

import attrs

from wa_omnichannel import assignment, workforce
from wa_omnichannel._flows.catalogs import voiced
from wa_omnichannel._flows.changes import assign_entry, changes_of, version
from wa_omnichannel._flows.loading import (
    conversation_of,
    find_conversation,
    load_thread,
    row,
    until_agreed,
)
from wa_omnichannel._flows.people import contact_at
from wa_omnichannel._flows.requests import once_only, request_of
from wa_omnichannel._flows.steps import Flow, commit, load, now, select
from wa_omnichannel.addresses import Address
from wa_omnichannel.assignment import Preference, WaitingItem
from wa_omnichannel.conditions import Value
from wa_omnichannel.conversation import (
    AcceptRequested,
    CloseRequested,
    Contact,
    ContextGiven,
    Conversation,
    DeclineRequested,
    DispositionsGiven,
    EndRequested,
    Event,
    NoteAdded,
    ParkRequested,
    PickRequested,
    RerouteRequested,
    SkillsChanged,
    SupervisorAssigned,
    TransferRequested,
    decide,
)
from wa_omnichannel.errors import NotFound
from wa_omnichannel.ports import Changes, NewEvent, Put, WaitingItems, agent_key, contact_key, entry_key
from wa_omnichannel.rules import Rules
from wa_omnichannel.workforce import Agent, CustomPresence, Presence


def accept(rules: Rules, conversation: str, agent: str, request: str | None) -> Flow[Conversation]:
    """Let an agent take a conversation.

    Raises:
        NotFound: There is no such conversation or agent.
        Refused: Somebody else has it, or it is closed.
    """
    return (yield from change(rules, conversation, AcceptRequested(), agent, request))


def pick(rules: Rules, conversation: str, agent: str, request: str | None) -> Flow[Conversation]:
    """Let an agent choose an open conversation."""
    return (yield from change(rules, conversation, PickRequested(), agent, request))


def assign_by_hand(
    rules: Rules, conversation: str, agent: str, supervisor: str, request: str | None
) -> Flow[Conversation]:
    """Let a supervisor give an open conversation to an agent."""
    return (yield from change(rules, conversation, SupervisorAssigned(supervisor), agent, request))


def decline(rules: Rules, conversation: str, agent: str, request: str | None, *, missed: bool) -> Flow[Conversation]:
    """Put a conversation that an agent did not want back into its queue."""
    return (yield from change(rules, conversation, DeclineRequested(missed), agent, request))


def park(rules: Rules, conversation: str, agent: str | None, request: str | None) -> Flow[Conversation]:
    """Leave a conversation for the customer to go on with."""
    return (yield from change(rules, conversation, ParkRequested(agent), None, request))


def transfer(rules: Rules, conversation: str, queue: str, agent: str | None, request: str | None) -> Flow[Conversation]:
    """Move a conversation to a queue.

    Raises:
        NotFound: There is no such queue.
    """
    if queue not in rules.assignment.queues:
        raise NotFound("queue", queue)
    return (yield from change(rules, conversation, TransferRequested(queue, agent), None, request))


def reroute(rules: Rules, conversation: str, request: str | None) -> Flow[Conversation]:
    """Classify and route a conversation again."""
    return (yield from change(rules, conversation, RerouteRequested(), None, request))


def set_context(
    rules: Rules, conversation: str, values: Mapping[str, Value], by: str, request: str | None
) -> Flow[Conversation]:
    """Keep values of context variables."""
    return (yield from change(rules, conversation, ContextGiven(dict(values), by), None, request))


def note(rules: Rules, conversation: str, text: str, by: str, request: str | None) -> Flow[Conversation]:
    """Put a note on the timeline of a conversation."""
    return (yield from change(rules, conversation, NoteAdded(text, by), None, request))


def dispose(
    rules: Rules, conversation: str, codes: Iterable[str], agent: str | None, request: str | None
) -> Flow[Conversation]:
    """Say how a conversation came out."""
    return (yield from change(rules, conversation, DispositionsGiven(tuple(codes), agent), None, request))


def change_skills(
    rules: Rules,
    conversation: str,
    add: Mapping[str, int],
    remove: Iterable[str],
    agent: str | None,
    request: str | None,
) -> Flow[Conversation]:
    """Change the skills that a conversation needs."""
    event = SkillsChanged(dict(add), tuple(remove), agent)
    return (yield from change(rules, conversation, event, None, request))


def end(rules: Rules, conversation: str, agent: str | None, request: str | None) -> Flow[Conversation]:
    """End a conversation; wrap-up begins."""
    return (yield from change(rules, conversation, EndRequested(agent), None, request))


def close(rules: Rules, conversation: str, agent: str | None, request: str | None) -> Flow[Conversation]:
    """Close a conversation for good."""
    return (yield from change(rules, conversation, CloseRequested(agent), None, request))


def change(
    rules: Rules, conversation: str, event: Event, agent: str | None, request: str | None, other: str | None = None
) -> Flow[Conversation]:
    """Let *event* happen to a conversation.

    Args:
        rules: The compiled settings.
        conversation: The conversation's id.
        event: What happens.
        agent: The agent concerned; None for who holds it.
        request: The caller's id of the request.
        other: A second agent concerned.

    Raises:
        NotFound: There is no such conversation or agent.
        Refused: A rule says no.
    """
    listing = yield from find_conversation(conversation)
    asked = request_of(request, conversation, event, *((agent,) if other is None else (agent, other)))

    def attempt() -> Flow[Conversation]:
        loaded = yield from load_thread(listing.number, listing.contact, agent=agent, other=other)
        live = loaded.state.thread.live
        if live is None or live.id != conversation:
            closed = attrs.evolve(loaded.state, thread=attrs.evolve(loaded.state.thread, conversation=None))
            loaded = attrs.evolve(loaded, state=closed)
        at = yield from now()
        voice = yield from voiced(rules)
        decision = decide(voice, loaded.state, event, at)
        if decision.refusal is not None:
            raise decision.refusal
        yield from commit(changes_of(voice, loaded.rows, loaded.state, decision, at, request=asked))
        return conversation_of(decision.state)

    return (yield from once_only(asked, lambda: until_agreed(attempt), Conversation))


def put_agent(rules: Rules, agent: Agent) -> Flow[Agent]:
    """Add an agent, or change who they are; what conversations take of their capacity is kept."""
    return (yield from until_agreed(lambda: _save(rules, agent)))


def _save(rules: Rules, agent: Agent) -> Flow[Agent]:
    key = agent_key(agent.id)
    rows = yield from load(key)
    at = yield from now()
    default = frozenset(queue.name for queue in rules.queues if queue.default)
    member = attrs.evolve(agent, queues=agent.queues | default)
    saved = _kept(member, row(rows, key, Agent) or attrs.evolve(agent, queues=frozenset()), at)
    yield from write_agent(rules, saved, version(rows, key), at)
    return saved


def _kept(agent: Agent, known: Agent, at: datetime) -> Agent:
    """Return *agent* with what happened to them so far; in new queues it is their turn after all others."""
    turns = {**agent.turns, **known.turns}
    joined = {queue: turns.get(queue, at) for queue in agent.queues - known.queues}
    used = {name: known.profiles[name].used for name in agent.profiles if name in known.profiles}
    profiles = {name: attrs.evolve(has, used=used.get(name, has.used)) for name, has in agent.profiles.items()}
    return attrs.evolve(
        agent,
        used=known.used,
        sessions=known.sessions,
        last_assigned_at=known.last_assigned_at,
        last_released_at=known.last_released_at,
        turns={queue: when for queue, when in {**turns, **joined}.items() if queue in agent.queues},
        profiles=profiles,
    )


def set_presence(rules: Rules, agent: str, presence: Presence | CustomPresence) -> Flow[Agent]:
    """Change an agent's presence by hand; work may be distributed again (ASG-1).

    Raises:
        NotFound: There is no such agent.
        InvalidValue: Only the system makes agents inactive.
    """
    return (yield from _change_agent(rules, agent, lambda known: workforce.set_presence(known, presence)))


def end_shift(rules: Rules, agent: str) -> Flow[Agent]:
    """End an agent's shift: profiles that count per day start again (CAP-3).

    Raises:
        NotFound: There is no such agent.
    """
    return (yield from _change_agent(rules, agent, workforce.end_shift))


def _change_agent(rules: Rules, agent: str, change: Callable[[Agent], Agent]) -> Flow[Agent]:
    def attempt() -> Flow[Agent]:
        key = agent_key(agent)
        rows = yield from load(key)
        known = row(rows, key, Agent)
        if known is None:
            raise NotFound("agent", agent)
        changed = change(known)
        yield from write_agent(rules, changed, version(rows, key), (yield from now()))
        return changed

    return (yield from until_agreed(attempt))


def write_agent(rules: Rules, agent: Agent, expected: int, at: datetime, more: tuple[Put, ...] = ()) -> Flow[None]:
    """Keep an agent, say so in the events, and let work be distributed again (ASG-1)."""
    facts = {"agent": agent.id, "presence": agent.presence.value}
    event = NewEvent(Address(""), "", 0, None, "agent_changed", at, facts, agent=agent.id)
    entry = assign_entry(rules, min(agent.queues, default=""), at)
    puts = (Put(agent_key(agent.id), agent, expected), Put(entry_key(entry.id), entry))
    yield from commit(Changes((*puts, *more), events=(event,)))


def prefer(rules: Rules, customer: Address, preferences: Iterable[Preference]) -> Flow[Contact]:
    """Keep whom a customer would rather talk to; it counts from their next conversation on (PREF-1).

    Raises:
        NotFound: Nobody has that address.
    """
    names = assignment.preferred(preferences)

    def attempt() -> Flow[Contact]:
        contact, aliases = yield from contact_at(rules, customer, "")
        key = contact_key(contact)
        rows = yield from load(key)
        known = row(rows, key, Contact)
        if known is None or not aliases:
            raise NotFound("contact", customer)
        changed = attrs.evolve(known, preferred=names)
        yield from commit(Changes((Put(key, changed, version(rows, key)),)))
        return changed

    return (yield from until_agreed(attempt))


def pickable(rules: Rules, agent: str, limit: int) -> Flow[tuple[WaitingItem, ...]]:
    """Return the open conversations that an agent may pick, those that waited longest first.

    Raises:
        NotFound: There is no such agent.
    """
    key = agent_key(agent)
    known = row((yield from load(key)), key, Agent)
    if known is None:
        raise NotFound("agent", agent)
    items = yield from select(WaitingItems(limit, tuple(sorted(known.queues))))
    return assignment.pickable(items, known, rules.assignment)
