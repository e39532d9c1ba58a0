"""What agents do: appear, accept, end, close."""

from __future__ import annotations

import attrs

from wa_omnichannel._flows.changes import assign_entry, changes_of, version
from wa_omnichannel._flows.loading import (
    conversation_of,
    find_conversation,
    load_thread,
    row,
    until_agreed,
)
from wa_omnichannel._flows.requests import once_only, request_of
from wa_omnichannel._flows.steps import Flow, commit, load, now
from wa_omnichannel.conversation import (
    AcceptRequested,
    CloseRequested,
    Conversation,
    EndRequested,
    Event,
    decide,
)
from wa_omnichannel.errors import NotFound
from wa_omnichannel.ports import Changes, Put, agent_key, entry_key
from wa_omnichannel.rules import Rules
from wa_omnichannel.workforce import Agent, Presence


def accept(rules: Rules, conversation: str, agent: str, request: str | None) -> Flow[Conversation]:
    """Let an agent take a conversation.

    Raises:
        NotFound: There is no such conversation or agent.
        Refused: Somebody else has it, or it is closed.
    """
    return (yield from _change(rules, conversation, AcceptRequested(), agent, request))


def end(rules: Rules, conversation: str, agent: str | None, request: str | None) -> Flow[Conversation]:
    """End a conversation; wrap-up begins."""
    return (yield from _change(rules, conversation, EndRequested(agent), None, request))


def close(rules: Rules, conversation: str, agent: str | None, request: str | None) -> Flow[Conversation]:
    """Close a conversation for good."""
    return (yield from _change(rules, conversation, CloseRequested(agent), None, request))


def _change(
    rules: Rules, conversation: str, event: Event, agent: str | None, request: str | None
) -> Flow[Conversation]:
    listing = yield from find_conversation(conversation)
    asked = request_of(request, conversation, event, agent)

    def attempt() -> Flow[Conversation]:
        loaded = yield from load_thread(listing.number, listing.contact, agent=agent)
        live = loaded.state.thread.live
        if live is None or live.id != conversation:
            closed = attrs.evolve(loaded.state, thread=attrs.evolve(loaded.state.thread, conversation=None))
            loaded = attrs.evolve(loaded, state=closed)
        at = yield from now()
        decision = decide(rules, loaded.state, event, at)
        if decision.refusal is not None:
            raise decision.refusal
        yield from commit(changes_of(rules, loaded.rows, loaded.state, decision, at, request=asked))
        return conversation_of(decision.state)

    return (yield from once_only(asked, lambda: until_agreed(attempt), Conversation))


def put_agent(rules: Rules, agent: Agent) -> Flow[Agent]:
    """Add an agent, or change name, queues, presence and capacity; capacity in use is kept."""
    return (yield from until_agreed(lambda: _save(rules, agent)))


def _save(rules: Rules, agent: Agent) -> Flow[Agent]:
    key = agent_key(agent.id)
    rows = yield from load(key)
    known = row(rows, key, Agent)
    if known is not None:
        agent = attrs.evolve(agent, used=known.used, last_assigned_at=known.last_assigned_at)
    yield from _write(rules, agent, version(rows, key))
    return agent


def set_presence(rules: Rules, agent: str, presence: Presence) -> Flow[Agent]:
    """Change an agent's presence; work may be distributed again (ASG-1).

    Raises:
        NotFound: There is no such agent.
    """
    return (yield from until_agreed(lambda: _presence(rules, agent, presence)))


def _presence(rules: Rules, agent: str, presence: Presence) -> Flow[Agent]:
    key = agent_key(agent)
    rows = yield from load(key)
    known = row(rows, key, Agent)
    if known is None:
        raise NotFound("agent", agent)
    changed = attrs.evolve(known, presence=presence)
    yield from _write(rules, changed, version(rows, key))
    return changed


def _write(rules: Rules, agent: Agent, expected: int) -> Flow[None]:
    at = yield from now()
    entries = [assign_entry(rules, queue, at) for queue in sorted(agent.queues)]
    cycles = [Put(entry_key(entry.id), entry) for entry in entries]
    yield from commit(Changes((Put(agent_key(agent.id), agent, expected), *cycles)))
