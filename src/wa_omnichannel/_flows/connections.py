"""Whether agents are there: a lease that their desk renews (§9.4, NOT-4).

The lease is an entry of the agenda: a sign of life puts it off, and if it fires, the agent is gone. They are offline at
once, what they were only offered goes to others; if they do not return in time, so does what they had accepted. Every
step can be done again, so a crash in between loses nothing.
"""

from __future__ import annotations

from datetime import datetime

from wa_omnichannel import workforce
from wa_omnichannel._flows.agents import write_agent
from wa_omnichannel._flows.catalogs import voiced
from wa_omnichannel._flows.changes import changes_of, version
from wa_omnichannel._flows.loading import load_thread, row, until_agreed
from wa_omnichannel._flows.steps import Flow, commit, load, now, select
from wa_omnichannel.conversation import AgentLost, Status, decide
from wa_omnichannel.errors import NotFound
from wa_omnichannel.ports import Changes, Conversations, Drop, Entry, Listing, Put, Stored, agent_key, entry_key
from wa_omnichannel.rules import Rules
from wa_omnichannel.workforce import RETURN_TIME, Agent, Presence


def _entry(agent: str, due: datetime) -> Entry:
    key = f"presence:{agent}"
    return Entry(key, key, "presence", due, agent)


def connect(rules: Rules, agent: str) -> Flow[Agent]:
    """Note that an agent is there: their presence from before counts again if they were away for a moment only.

    Raises:
        NotFound: There is no such agent.
    """

    def attempt() -> Flow[Agent]:
        key = agent_key(agent)
        rows = yield from load(key)
        known = row(rows, key, Agent)
        if known is None:
            raise NotFound("agent", agent)
        at = yield from now()
        lease = _put(agent, at + rules.life.offers.lease)
        there = _there(known, at)
        if there == known:
            yield from commit(Changes((lease,)))
        else:
            yield from write_agent(rules, there, version(rows, key), at, (lease,))
        return there

    return (yield from until_agreed(attempt))


def _put(agent: str, due: datetime, expected: int | None = None) -> Put:
    entry = _entry(agent, due)
    return Put(entry_key(entry.id), entry, expected)


def _there(known: Agent, at: datetime) -> Agent:
    """Return the agent after a sign of life; offline by their own choice they stay."""
    if known.lost_at is not None:
        return workforce.reconnected(known, at)
    chosen = known.presence is Presence.OFFLINE and known.presence_by_hand
    return workforce.sign_in(known) if known.presence is Presence.OFFLINE and not chosen else known


def disconnect(rules: Rules, agent: str) -> Flow[Agent]:
    """Note that an agent left without waiting for the lease to end, for example because the browser was closed.

    Raises:
        NotFound: There is no such agent.
    """
    at = yield from now()
    yield from commit(Changes((_put(agent, at),)))
    yield from until_agreed(lambda: _gone(rules, agent))
    key = agent_key(agent)
    known = row((yield from load(key)), key, Agent)
    if known is None:
        raise NotFound("agent", agent)
    return known


def _gone(rules: Rules, agent: str) -> Flow[None]:
    """Make an agent offline who is not yet."""
    key = agent_key(agent)
    rows = yield from load(key)
    known = row(rows, key, Agent)
    at = yield from now()
    if known is not None and (lost := workforce.disconnected(known, at)) != known:
        yield from write_agent(rules, lost, version(rows, key), at)


def lease_over(rules: Rules, stored: Stored[Entry]) -> Flow[bool]:
    """Do what follows when an agent gave no sign of life, one step after the other."""
    agent, key = stored.value.subject, entry_key(stored.value.id)
    if version((yield from load(key)), key) != stored.version:  # a sign of life came in the meantime
        return False
    yield from until_agreed(lambda: _gone(rules, agent))
    known = row((yield from load(agent_key(agent))), agent_key(agent), Agent)
    at = yield from now()
    if known is None or known.lost_at is None:
        yield from commit(Changes(drops=(Drop(key, stored.version),)))
        return True
    returns = known.lost_at + RETURN_TIME
    yield from _give_up(rules, agent, offers_only=at <= returns)
    if at <= returns:
        yield from commit(Changes((_put(agent, returns + returns.resolution, stored.version),)))
        return True
    yield from commit(Changes(drops=(Drop(key, stored.version),)))
    return True


def _give_up(rules: Rules, agent: str, *, offers_only: bool) -> Flow[None]:
    """Take the active conversations off the agent: those that were only offered, or all."""
    held = yield from select(Conversations(Status.ACTIVE, agent=agent, limit=1000))
    for listing in held:
        if not offers_only or listing.conversation.accepted_at is None:
            yield from until_agreed(lambda listing=listing: _lose(rules, agent, listing))  # type: ignore[misc]


def _lose(rules: Rules, agent: str, listing: Listing) -> Flow[None]:
    loaded = yield from load_thread(listing.number, listing.contact)
    live, at = loaded.state.thread.live, (yield from now())
    if live is None or live.id != listing.conversation.id:
        return
    rules = yield from voiced(rules)
    decision = decide(rules, loaded.state, AgentLost(agent), at)
    if decision.effects:
        yield from commit(changes_of(rules, loaded.rows, loaded.state, decision, at))
