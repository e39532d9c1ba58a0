"""A webhook arrives: verify, read, load, decide, commit, answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from wa_omnichannel._flows.catalogs import live
from wa_omnichannel._flows.changes import changes_of
from wa_omnichannel._flows.identifying import Lookup, link
from wa_omnichannel._flows.loading import begun, load_thread, row, until_agreed
from wa_omnichannel._flows.pacing import reported_slow
from wa_omnichannel._flows.people import identify
from wa_omnichannel._flows.quarantine import hold_message, hold_request
from wa_omnichannel._flows.steps import Flow, Read, Remember, Reuse, commit, load, new_ids, now, select
from wa_omnichannel.addresses import Address
from wa_omnichannel.conversation import (
    Called,
    Message,
    Received,
    Status,
    StatusReported,
    Thread,
    decide,
)
from wa_omnichannel.errors import AlreadyDone, MalformedWebhook, NotFound, WebhookError
from wa_omnichannel.instants import in_utc
from wa_omnichannel.messages import Incoming, Notice, StatusReport
from wa_omnichannel.outbound import Outreach
from wa_omnichannel.ports import (
    Changes,
    CountWaiting,
    MessageBySid,
    NewEvent,
    Rows,
    agent_key,
    contact_key,
    message_key,
    outreach_key,
    thread_key,
)
from wa_omnichannel.rules import Rules
from wa_omnichannel.webhooks import EMPTY_TWIML, WebhookRequest, WebhookResponse, batch_of
from wa_omnichannel.workforce import Agent

_NOT_COUNTED: Mapping[str, int] = {}


@attrs.frozen
class Receipt:
    """What a webhook came to: the answer, and what may be logged about it."""

    response: WebhookResponse
    kind: str
    """``message``, ``status``, ``notice``, ``duplicate``, ``held``, ``unknown_message`` or ``rejected``;
    for a batch the distinct ones, with blanks between them."""
    error: WebhookError | None = None


def receive(rules: Rules, request: WebhookRequest) -> Flow[Receipt]:
    """Take one webhook; what is answered with 2xx is in the store.

    Raises:
        InvalidValue: The request's ``received_at`` is naive.
    """
    at = in_utc(request.received_at or (yield from now()), "received_at")
    try:
        batch = batch_of((yield Read(request)))
    except MalformedWebhook as error:
        if error.authentic:
            yield from hold_request(request, error, at)
            return Receipt(EMPTY_TWIML, "held", error)
        return Receipt(WebhookResponse(error.status, str(error).encode()), "rejected", error)
    except WebhookError as error:
        return Receipt(WebhookResponse(error.status, str(error).encode()), "rejected", error)
    kinds: list[str] = []
    for incoming in batch.items:
        try:
            kinds.append((yield from take(rules, incoming, at)))
        except AlreadyDone:
            kinds.append("duplicate")
    return Receipt(batch.answer, " ".join(sorted(set(kinds))))


def take(rules: Rules, incoming: Incoming, at: datetime, *, recovered: bool = False) -> Flow[str]:
    """Take a message, a status report or a notice that arrived at *at*; tells what it came to.

    Raises:
        AlreadyDone: It was taken before.
    """
    if isinstance(incoming, StatusReport):
        return (yield from _status(rules, incoming, at))
    if isinstance(incoming, Notice):
        return (yield from _notice(incoming, at))
    (message_id,) = yield from new_ids(1)
    received = Received(incoming, min(incoming.at or at, at), message_id, "", recovered)
    lookup = Lookup(incoming.addresses)
    return (yield from until_agreed(lambda: _message(rules, received, lookup, at)))


def _message(rules: Rules, received: Received, lookup: Lookup, at: datetime) -> Flow[str]:
    """Put one customer message on its thread; the contact is found under any of its addresses."""
    inbound = received.inbound
    person = yield from identify(rules, inbound.addresses, at)
    contact = person.contact
    rows: Rows = {}
    if person.known:
        rows = yield from load(contact_key(contact), thread_key(inbound.number, contact), outreach_key(contact))
    before = begun(rows, inbound.number, contact, inbound.addresses, person.stops)
    conversation = before.thread.conversation
    if conversation is not None and conversation.status is Status.WRAP_UP and conversation.agent:
        rows = {**rows, **(yield from load(agent_key(conversation.agent)))}
        before = attrs.evolve(before, agent=row(rows, agent_key(conversation.agent), Agent))
    linking = yield from link(lookup, before, at)
    reached = row(rows, outreach_key(contact), Outreach)
    if reached is not None:
        received = attrs.evolve(received, context=reached.answered(inbound.number, received.at))
    begins = before.thread.live is None or before.thread.live.status is Status.WRAP_UP
    if begins:
        (conversation_id,) = yield from new_ids(1)
        open_items = yield from open_items_of(rules, at)
        received = attrs.evolve(received, conversation_id=conversation_id, open_items=open_items)
    decision = decide(rules, linking.state, received, at)
    if decision.refusal is not None:
        yield from hold_message(inbound, decision.refusal, at)
        return "held"
    if linking.told:
        decision = attrs.evolve(decision, effects=(*decision.effects, *linking.told))
    more = Changes(puts=(*person.puts, *linking.puts), once=f"in:{inbound.sid}")
    yield from commit(changes_of(rules, rows, before, decision, at, more=more))
    return "message"


def open_items_of(rules: Rules, at: datetime) -> Flow[Mapping[str, int]]:
    """Count the open items of queues with a limit, or take the last count if it is young enough (OVF-4)."""
    if not rules.item_limits:
        return {}
    known: tuple[datetime, Mapping[str, int]] | None = yield Reuse("open items")
    if known is None or at - known[0] >= rules.count_age:
        known = (at, (yield from select(CountWaiting(rules.item_limits))))
    yield Remember("open items", known)
    return known[1]


def record_call(rules: Rules, number: Address, caller: Address, at: datetime | None) -> Flow[Thread]:
    """Note that a customer called, which opens the window like a message.

    Raises:
        InvalidValue: *at* is naive.
        Refused: *number* is not ours.
    """
    instant = in_utc(at or (yield from now()), "at")
    return (yield from until_agreed(lambda: _call(rules, number, caller, instant)))


def _call(rules: Rules, number: Address, caller: Address, at: datetime) -> Flow[Thread]:
    person = yield from identify(rules, (caller,), at)
    rows = yield from load(contact_key(person.contact), thread_key(number, person.contact))
    before = begun(rows, number, person.contact, (caller,), person.stops)
    decision = decide(rules, before, Called(at), at)
    if decision.refusal is not None:
        raise decision.refusal
    yield from commit(changes_of(rules, rows, before, decision, at, more=Changes(puts=person.puts)))
    return decision.state.thread


def _notice(notice: Notice, at: datetime) -> Flow[str]:
    """Keep what the provider tells about something else than a message."""
    facts = {"about": notice.kind, "data": notice.data}
    event = NewEvent(Address(""), "", 0, None, "provider_notice", at, facts)
    yield from commit(Changes(events=(event,), once=f"notice:{notice.id}"))
    return "notice"


def _status(rules: Rules, report: StatusReport, at: datetime) -> Flow[str]:
    """Move the message that a callback is about; it is found by our id, or by the provider's."""
    message_id = report.message_id or (yield from select(MessageBySid(report.sid)))
    rows: Rows = (yield from load(message_key(message_id))) if message_id else {}
    found = row(rows, message_key(message_id or ""), Message)
    if found is None:
        facts = {"sid": report.sid, "status": report.status, "code": report.error_code}
        event = NewEvent(Address(""), "", 0, None, "status_set_aside", at, facts)
        yield from commit(Changes(events=(event,), once=_once(report)))
        return "unknown_message"
    return (yield from until_agreed(lambda: _move(rules, report, found, at)))


def _once(report: StatusReport) -> str:
    return f"status:{report.sid}:{report.status}:{report.error_code or ''}"


def _move(rules: Rules, report: StatusReport, found: Message, at: datetime) -> Flow[str]:
    rules = yield from live(rules)
    loaded = yield from load_thread(found.number, found.contact, message=found.id)
    if loaded.state.message is None:
        raise NotFound("message", found.id)
    decision = decide(rules, loaded.state, StatusReported(report), at)
    paces = yield from reported_slow(loaded.state.message, report, at)
    once = Changes(paces, once=_once(report))
    yield from commit(changes_of(rules, loaded.rows, loaded.state, decision, at, more=once))
    return "status"
