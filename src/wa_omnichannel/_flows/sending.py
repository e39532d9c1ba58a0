"""Saying something to a customer: asking first, accepting, and handing it to the provider."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

import attrs

from wa_omnichannel._flows.catalogs import live
from wa_omnichannel._flows.changes import changes_of, thread_lane, version
from wa_omnichannel._flows.counting import counted
from wa_omnichannel._flows.lanes import claim as claim_lane
from wa_omnichannel._flows.lanes import give_back
from wa_omnichannel._flows.loading import (
    Loaded,
    begun,
    find_conversation,
    load_thread,
    pace_keys,
    row,
    until_agreed,
)
from wa_omnichannel._flows.pacing import paced, slowed_down, take_turn
from wa_omnichannel._flows.people import Aliases, contact_at, remembered
from wa_omnichannel._flows.requests import Request, once_only, request_of
from wa_omnichannel._flows.steps import Flow, StoreNow, commit, find, load, new_ids, now, select, send
from wa_omnichannel.addresses import Address
from wa_omnichannel.attachments import Party
from wa_omnichannel.consent import UNKNOWN
from wa_omnichannel.conversation import (
    DispatchDue,
    Message,
    Post,
    Reconciled,
    Record,
    SendFinished,
    SendRequested,
    decide,
)
from wa_omnichannel.conversation.delivering import LOOK_AGAIN, UNRESOLVED
from wa_omnichannel.conversation.situations import situation
from wa_omnichannel.errors import NotFound, Refused, StoreUnavailable, TransportError
from wa_omnichannel.messages import Content, DeliveryStatus, Media, Outcome, Sighting, TemplateMessage, Text
from wa_omnichannel.ports import (
    Changes,
    Drop,
    DueEntries,
    Entry,
    KnownSids,
    MessagesOf,
    Put,
    SentQuery,
    agent_key,
    alias_key,
    contact_key,
    entry_key,
    message_key,
    thread_key,
)
from wa_omnichannel.rules import Rules
from wa_omnichannel.sending import Verdict
from wa_omnichannel.sending import decide as decide_send
from wa_omnichannel.workforce import Agent

SKEW = timedelta(seconds=60)
"""How far the provider's clock may be from ours when its list is searched."""


@attrs.frozen
class Order:
    """What somebody wants to say, and where."""

    content: Content
    author: str = "system"
    agent: str | None = None
    conversation: str | None = None
    bulk: bool = False


def can_send(rules: Rules, number: Address, to: Address, content: Content) -> Flow[Verdict]:
    """Tell whether *content* may be sent to a customer now; nothing is written."""
    at = yield from now()
    rules = yield from live(rules)
    policy = rules.send_policy(number)
    if policy is None:
        return Refused(rules.silence(number), {"number": number})
    loaded, _ = yield from _load_person(rules, number, to, to)
    loaded = paced(rules, (yield from counted(rules, loaded, at)), at)
    return decide_send(policy, situation(loaded.state, Party.AGENTS), content, at)


def reply(rules: Rules, conversation: str, order: Order, request: str | None) -> Flow[Message]:
    """Answer in a conversation; the message is accepted, then handed over if its lane is free.

    Raises:
        NotFound: There is no such conversation.
        Refused: A rule says no.
    """
    listing = yield from find_conversation(conversation)
    here = attrs.evolve(order, conversation=conversation)
    asked = request_of(request, "reply", here)
    (message_id,) = yield from new_ids(1)

    def accept() -> Flow[Message]:
        return until_agreed(lambda: _accept(rules, listing.number, listing.contact, here, message_id, asked))

    accepted = yield from once_only(asked, accept, Message)
    return (yield from _hand_over(rules, accepted))


def start(rules: Rules, number: Address, to: Address, order: Order, request: str | None) -> Flow[Message]:
    """Send to a customer outside any conversation, known or not (OUT-5).

    Raises:
        Refused: A rule says no.
    """
    message_id, contact_id = yield from new_ids(2)
    asked = request_of(request, "send", number, to, order)

    def accept() -> Flow[Message]:
        return until_agreed(lambda: _accept_new(rules, number, to, order, (message_id, contact_id), asked))

    accepted = yield from once_only(asked, accept, Message)
    return accepted if order.bulk else (yield from _hand_over(rules, accepted))


def _accept(
    rules: Rules, number: Address, contact: str, order: Order, message_id: str, asked: Request | None
) -> Flow[Message]:
    rules = yield from live(rules)
    loaded = yield from load_thread(number, contact, paces=True)
    return (yield from _decide_and_keep(rules, loaded, order, message_id, asked, ()))


def _accept_new(
    rules: Rules, number: Address, to: Address, order: Order, ids: tuple[str, ...], asked: Request | None
) -> Flow[Message]:
    message_id, contact_id = ids
    rules = yield from live(rules)
    loaded, aliases = yield from _load_person(rules, number, to, contact_id)
    links = () if to in aliases else (Put(alias_key(rules.pool, to), loaded.state.contact.id, 0),)
    return (yield from _decide_and_keep(rules, loaded, order, message_id, asked, links))


def _load_person(rules: Rules, number: Address, to: Address, new_contact: str) -> Flow[tuple[Loaded, Aliases]]:
    """Load the thread of whoever has the address *to*, with the agent who holds it; a stranger's is empty."""
    contact, aliases = yield from contact_at(rules, to, new_contact)
    rows = yield from load(contact_key(contact), thread_key(number, contact), *pace_keys(number, contact))
    stops = UNKNOWN if aliases else (yield from remembered((to,)))
    state = begun(rows, number, contact, (to,), stops)
    holder = state.thread.live.agent if state.thread.live is not None else None
    if holder is not None:
        rows = {**rows, **(yield from load(agent_key(holder)))}
        state = attrs.evolve(state, agent=row(rows, agent_key(holder), Agent))
    return Loaded(rows, state), aliases


def _decide_and_keep(
    rules: Rules, loaded: Loaded, order: Order, message_id: str, asked: Request | None, links: tuple[Put, ...]
) -> Flow[Message]:
    at = yield from now()
    loaded = paced(rules, (yield from counted(rules, loaded, at)), at)
    event = SendRequested(
        message_id, order.content, order.author, Party.AGENTS, order.conversation, order.agent, order.bulk
    )
    decision = decide(rules, loaded.state, event, at)
    if decision.refusal is not None:
        if decision.effects and thread_known(loaded):
            yield from commit(changes_of(rules, loaded.rows, loaded.state, decision, at))
        raise decision.refusal
    more = Changes(puts=links)
    yield from commit(changes_of(rules, loaded.rows, loaded.state, decision, at, request=asked, more=more))
    if decision.state.message is None:
        raise NotFound("message", message_id)
    return decision.state.message


def thread_known(loaded: Loaded) -> bool:
    """Tell whether the thread is in the store."""
    thread = loaded.state.thread
    return thread_key(thread.number, thread.contact) in loaded.rows


def _hand_over(rules: Rules, accepted: Message) -> Flow[Message]:
    """Work on the lane of a message that was just accepted, and return the message as it is then."""
    with contextlib.suppress(StoreUnavailable, TransportError):
        yield from _drain(rules, thread_lane(accepted.number, accepted.contact))
    rows = yield from load(message_key(accepted.id))
    return row(rows, message_key(accepted.id), Message) or accepted


def _drain(rules: Rules, lane: str) -> Flow[None]:
    """Work on a lane until it is empty, held by somebody else, or stuck.

    A conflict comes before anything was sent, so whoever holds the lane now is looked up and the work is done again.
    """
    while (yield from work_on_lane(rules, lane)):
        pass


def work_on_lane(rules: Rules, lane: str) -> Flow[bool]:
    """Work on the first message of a lane if it is due and nobody has the lane; tells whether the next one may go."""
    return until_agreed(lambda: _head(rules, lane))


def _head(rules: Rules, lane: str) -> Flow[bool]:
    at = yield from now()
    due = yield from select(DueEntries(at, (yield StoreNow()), 1, lane))
    return bool(due) and (yield from work_on_send(rules, due[0].value))


def work_on_send(rules: Rules, entry: Entry) -> Flow[bool]:
    """Take the message of *entry* one step further: hand it over, or look for its lost answer.

    Returns whether the entry is done with, so that the next one of its lane may go.
    """
    rules = yield from live(rules)
    loaded = yield from load_thread(entry.number, entry.contact, message=entry.subject)
    message = loaded.state.message
    if message is None or message.status not in _OPEN:
        yield from commit(Changes(drops=(Drop(entry_key(entry.id)),)))
        return True
    if message.status is DeliveryStatus.PENDING:
        return (yield from _dispatch(rules, entry, loaded))
    return (yield from _reconcile(rules, entry, loaded, message))


_OPEN = frozenset({DeliveryStatus.PENDING, DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN})


def _dispatch(rules: Rules, entry: Entry, loaded: Loaded) -> Flow[bool]:
    """Claim the lane, decide again and mark the attempt in one commit; then hand the message over."""
    at = yield from now()
    loaded = yield from counted(rules, loaded, at)
    decision = decide(rules, loaded.state, DispatchDue(), at)
    post = next((effect for effect in decision.effects if isinstance(effect, Post)), None)
    message = decision.state.message
    if post is None or message is None:
        done = Changes(drops=(Drop(entry_key(entry.id)),))
        yield from commit(changes_of(rules, loaded.rows, loaded.state, decision, at, more=done))
        return True
    turn = yield from take_turn(rules, message, at)
    if turn.due is not None:
        later = Put(entry_key(entry.id), attrs.evolve(entry, due=turn.due))
        key = message_key(message.id)
        yield from commit(Changes((later,), relies_on=((key, version(loaded.rows, key)),)))
        return False
    claim = yield from claim_lane(entry.lane)
    held = attrs.evolve(entry, due=at + LOOK_AGAIN)
    mark = Changes(puts=(claim, Put(entry_key(entry.id), held), *turn.puts))
    yield from commit(changes_of(rules, loaded.rows, loaded.state, decision, at, more=mark))
    outcome = yield from send(post.outgoing)
    return (yield from until_agreed(lambda: _note(rules, entry, outcome, claim)))


def _note(rules: Rules, entry: Entry, outcome: Outcome, claim: Put) -> Flow[bool]:
    """Commit the provider's answer and give the lane back."""
    at = yield from now()
    loaded = yield from load_thread(entry.number, entry.contact, message=entry.subject)
    decision = decide(rules, loaded.state, SendFinished(outcome), at)
    after = decision.state.message
    done = after is None or after.status not in _OPEN
    free = yield from give_back(claim)
    paces = (yield from slowed_down(after, outcome, at)) if after is not None else ()
    drops = (*free, *((Drop(entry_key(entry.id)),) if done else ()))
    more = Changes(paces, drops)
    yield from commit(changes_of(rules, loaded.rows, loaded.state, decision, at, more=more))
    return done


def _reconcile(rules: Rules, entry: Entry, loaded: Loaded, message: Message) -> Flow[bool]:
    """Look for a message whose answer was lost, in the provider's list; nothing is sent blindly."""
    started = message.dispatched_at or message.at
    at = yield from now()
    found = yield from _sightings(loaded, message, (started - SKEW, at + SKEW))
    matches = None
    if found is not None:
        sids = tuple(sighting.sid for sighting in found)
        known = (yield from select(KnownSids(sids))) | (yield from _former(message))
        matches = tuple(s for s in found if s.sid not in known and _same(s, message))
    decision = decide(rules, loaded.state, Reconciled(matches), at)
    after = decision.state.message
    unresolved = any(isinstance(effect, Record) and effect.kind == UNRESOLVED for effect in decision.effects)
    done = decision.refusal is not None or after is None or after.status not in _OPEN or unresolved
    drops = (Drop(entry_key(entry.id)),) if done else ()
    more = Changes(drops=drops)
    yield from commit(changes_of(rules, loaded.rows, loaded.state, decision, at, more=more))
    return done


def _former(message: Message) -> Flow[frozenset[str]]:
    """Return the identifiers of earlier attempts in the thread of *message*; none of them is its lost one."""
    sent = yield from select(MessagesOf(message.number, message.contact))
    return frozenset(sid for other in sent for sid in other.former)


def _sightings(loaded: Loaded, message: Message, span: tuple[datetime, datetime]) -> Flow[tuple[Sighting, ...] | None]:
    """Search the provider's list under every address of the customer: they may write from another one by now."""
    seen: dict[str, Sighting] = {}
    for address in dict.fromkeys((loaded.state.thread.reply_to, *loaded.state.contact.addresses)):
        found = yield from find(SentQuery(message.number, address, *span))
        if found is None:
            return None
        seen |= {sighting.sid: sighting for sighting in found}
    return tuple(seen.values())


def _same(sighting: Sighting, message: Message) -> bool:
    """Tell whether a message in the provider's list may be ours; what the list does not show excludes nothing."""
    match message.content:
        case Text(body):
            return sighting.body == body
        case TemplateMessage():
            return sighting.content_sid in (None, message.content.content_sid)
        case Media():
            return sighting.media
        case _:
            return not sighting.media
