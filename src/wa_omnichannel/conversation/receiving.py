"""What a customer's message and its file come to."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from wa_omnichannel import attachments, consent, free_entry, routing
from wa_omnichannel._frozen import evolve
from wa_omnichannel.addresses import Address, is_phone
from wa_omnichannel.attachments import Party
from wa_omnichannel.conditions import Value
from wa_omnichannel.conversation.events import (
    Called,
    Decision,
    Effect,
    Fetch,
    MediaFailed,
    MediaFetched,
    Received,
    Record,
    refusal,
    set_free,
)
from wa_omnichannel.conversation.model import (
    TRANSITIONS,
    Contact,
    Conversation,
    Direction,
    Message,
    State,
    Status,
    Step,
    Thread,
)
from wa_omnichannel.conversation.noticing import withheld
from wa_omnichannel.conversation.queueing import admit, back
from wa_omnichannel.conversation.reopening import carried_over, resumed
from wa_omnichannel.conversation.watching import heard
from wa_omnichannel.customers import attributes_of
from wa_omnichannel.hours import on_the_wall
from wa_omnichannel.messages import ButtonReply, DeliveryStatus, Inbound, Media, Text, summary
from wa_omnichannel.rules import Number, Rules
from wa_omnichannel.workforce import Agent

FIRST_MESSAGE = 250
"""Characters of the first message that routing rules can see (CLS-10)."""

NOT_SCANNED = "media_not_scanned"
"""Why a file is withheld that is scanned again later."""


def received(rules: Rules, state: State, event: Received, now: datetime) -> Decision:
    """Open the window, find or open the conversation, keep the message (SES-2, SES-9, CLS, R2Q)."""
    thread, inbound = state.thread, event.inbound
    number = rules.number(thread.number)
    if number is None:
        return refusal(state, "number_unknown", {"number": thread.number})
    if not number.takes_messages:
        return refusal(state, "number_unassigned" if number.enabled else "number_off", {"number": thread.number})
    effects: list[Effect] = []
    agent = state.agent
    conversation = thread.conversation
    if conversation is not None and conversation.status is Status.WRAP_UP:
        agent = _supersede(conversation, agent, now, effects)
    contact = _heard(number, _contact(state.contact, inbound), event, effects)
    if conversation is None or (conversation.status, Step.CUSTOMER_WRITES) not in TRANSITIONS:
        begun = partial(_open, rules, number, contact, event, now, effects)
        conversation = resumed(rules, conversation, event.at, now, effects) or begun(conversation)
    else:
        conversation = _continue(rules, conversation, event.at, now, effects)
    thread = _referred(heard(rules, thread, event.at, effects), event, effects)
    facts: dict[str, object] = {"message": event.message_id, "text": _shown(inbound)}
    effects.append(Record("message_received", facts | {"recovered": True} if event.recovered else facts))
    thread = evolve(thread, reply_to=inbound.addresses[0], conversation=conversation)
    message = _message(event, thread, conversation)
    after = State(contact, thread, agent, message)
    if _attachment(number, inbound, event.message_id, effects):
        effects += withheld(rules, after, message, now)
    return Decision(after, tuple(effects))


def _referred(thread: Thread, event: Received, effects: list[Effect]) -> Thread:
    """Note that an advertisement led here, which makes answers free for a while and permits nothing."""
    referral = event.inbound.referral
    if not referral:
        return thread
    source = next((referral[name] for name in _REFERRERS if referral.get(name)), "")
    effects.append(Record("referred", {"message": event.message_id, "source": source, "referral": referral}))
    return evolve(thread, free_entry=free_entry.refer(thread.free_entry, event.at, source))


_REFERRERS = ("source_id", "source_url", "source_type")


def _shown(inbound: Inbound) -> str:
    return summary(inbound.content)[:FIRST_MESSAGE]


def _contact(known: Contact, inbound: Inbound) -> Contact:
    """Return the contact with every address and the name of this webhook."""
    name = inbound.profile_name or known.name
    fresh = tuple(address for address in inbound.addresses if address not in known.addresses)
    if not fresh and name == known.name:
        return known
    return evolve(known, addresses=(*known.addresses, *fresh), name=name)


def _heard(number: Number, contact: Contact, event: Received, effects: list[Effect]) -> Contact:
    """Take opt-out and opt-in words to heart before anything else looks at the message."""
    content = event.inbound.content
    said = content.body if isinstance(content, Text) else content.text if isinstance(content, ButtonReply) else ""
    statement = consent.hear(number.consent, contact.consent, said, event.at)
    if statement is None:
        return contact
    kind = "opted_in" if statement.granted else "opted_out"
    effects.append(Record(kind, {"scope": statement.scope.value, "source": statement.source}))
    return evolve(contact, consent=consent.record(contact.consent, statement))


def _message(event: Received, thread: Thread, conversation: Conversation) -> Message:
    inbound = event.inbound
    return Message(
        event.message_id,
        thread.number,
        thread.contact,
        conversation.id,
        Direction.IN,
        inbound.content,
        event.at,
        "customer",
        DeliveryStatus.RECEIVED,
        inbound.sid,
        inbound.quoted_sid,
        Party.CUSTOMERS,
    )


def _supersede(conversation: Conversation, agent: Agent | None, now: datetime, effects: list[Effect]) -> Agent | None:
    """Close a conversation in wrap-up, because the customer began a new one."""
    effects.append(Record("conversation_closed", {"conversation": conversation.id, "by": "new_message"}))
    agent, again = set_free(agent, conversation, now)
    effects += again
    return agent


def _open(
    rules: Rules,
    number: Number,
    contact: Contact,
    event: Received,
    now: datetime,
    effects: list[Effect],
    last: Conversation | None,
) -> Conversation:
    workstream = rules.workstream(number)
    known = carried_over(rules, last, now)
    item = {**event.context, **known, **_item(number, contact, event), **on_the_wall(event.at, workstream.zone)}
    around = rules.surroundings(workstream, now, event.open_items)
    found = routing.run(workstream, item, event.conversation_id, around)
    about = {"conversation": event.conversation_id}
    effects.append(Record("conversation_opened", about | {"continues": last.id} if known and last else about))
    begun = Conversation(
        event.conversation_id,
        Status.OPEN,
        workstream.name,
        found.queue,
        now,
        now,
        event.at,
        demand=workstream.demand,
        preferred=contact.preferred,
        entered_at=now,
    )
    conversation, more = admit(rules, workstream, begun, found, event.open_items)
    effects += more
    return evolve(conversation, attributes={**event.context, **conversation.attributes})


def _item(number: Number, contact: Contact, event: Received) -> dict[str, Value]:
    """Return what routing rules can ask about a new conversation (CLS-10)."""
    inbound = event.inbound
    sender: Address = inbound.addresses[0]
    name = contact.link.customer.name if contact.link is not None else contact.name
    return {
        "channel": "whatsapp",
        "number": number.number,
        "language": contact.language or number.language,
        "customer_name": name,
        "customer_phone": sender if is_phone(sender) else "",
        "first_message": _shown(inbound),
        "kind": type(inbound.content).__name__.lower(),
        "received_at": event.at,
        "msdyn_ConversationId": event.conversation_id,
        "msdyn_CustomerId": contact.id,
        "msdyn_CustomerName": name,
        "va_CustomerLocale": contact.language or number.language,
        **attributes_of(contact.link),
    }


def _continue(
    rules: Rules, conversation: Conversation, at: datetime, now: datetime, effects: list[Effect]
) -> Conversation:
    """Return the conversation after one more message: a waiting one goes back to its queue (LIF-3)."""
    last = max(conversation.last_customer_at, at)
    status = TRANSITIONS[conversation.status, Step.CUSTOMER_WRITES]
    if status is conversation.status:
        return evolve(conversation, last_customer_at=last)
    reopened = evolve(conversation, status=status, changed_at=now, last_customer_at=last, agent=None, accepted_at=None)
    reopened, more = back(rules, reopened, now)
    effects += more
    return reopened


def _attachment(number: Number, inbound: Inbound, message_id: str, effects: list[Effect]) -> bool:
    """Fetch the file if the settings allow it; otherwise keep the text and say why (ATT-12). Tells which."""
    if not isinstance(inbound.content, Media):
        return False
    checks = attachments.check(number.attachments, Party.CUSTOMERS, inbound.content)
    if checks[-1].met:
        effects.append(Fetch(message_id))
        return False
    facts = {"message": message_id, "reason": checks[-1].code}
    effects.append(Record("attachment_withheld", facts, checks))
    return True


def media_fetched(rules: Rules, state: State, event: MediaFetched, now: datetime) -> Decision:
    """Make the file available, or withhold it if what arrived is not what was announced (ATT-8, ATT-9).

    What is withheld for the same reason as before is not put on the timeline again.
    """
    message = state.message
    number = rules.number(state.thread.number)
    if message is None or number is None or not isinstance(message.content, Media):
        return refusal(state, "message_unknown")
    media = evolve(message.content, content_type=event.content_type, size=event.size, blob=event.blob)
    checks = attachments.check_content(number.attachments, Party.CUSTOMERS, media, event.sniffed, event.scan)
    facts = {"message": message.id, "content_type": event.content_type, "size": event.size}
    if checks[-1].met:
        after = evolve(message, content=media, error="")
        return Decision(evolve(state, message=after), (Record("attachment_fetched", facts, checks),), trace=checks)
    reason = checks[-1].code
    if message.error == reason:
        return Decision(state, trace=checks)
    told = withheld(rules, state, message, now) if reason != NOT_SCANNED and message.error in ("", NOT_SCANNED) else ()
    record = Record("attachment_withheld", {**facts, "reason": reason}, checks)
    after = evolve(message, error=reason)
    return Decision(evolve(state, message=after), (record, *told), trace=checks)


def called(rules: Rules, state: State, event: Called, now: datetime) -> Decision:
    """Open the window: a customer's call counts like a message (SES-2); it opens no conversation."""
    if rules.number(state.thread.number) is None:
        return refusal(state, "number_unknown", {"number": state.thread.number})
    effects: list[Effect] = []
    thread = heard(rules, state.thread, event.at, effects)
    return Decision(evolve(state, thread=thread), (*effects, Record("call_received", {"at": event.at})))


def media_failed(_: Rules, state: State, event: MediaFailed, now: datetime) -> Decision:
    """Say on the timeline that the file is not coming."""
    message = state.message
    if message is None:
        return refusal(state, "message_unknown")
    record = Record("attachment_failed", {"message": message.id, "reason": event.reason})
    return Decision(evolve(state, message=evolve(message, error=event.reason)), (record,))
