"""From the wish to say something to the customer's two blue ticks."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from wa_omnichannel import consent, free_entry
from wa_omnichannel.addresses import Address, is_phone
from wa_omnichannel.conversation import outside
from wa_omnichannel.conversation.events import (
    Count,
    Decision,
    Deliver,
    DispatchDue,
    Effect,
    Enqueue,
    Post,
    Reconcile,
    Reconciled,
    Record,
    ReportTemplate,
    SendFinished,
    SendRequested,
    StatusReported,
    refusal,
)
from wa_omnichannel.conversation.model import Contact, Direction, Message, State, Thread
from wa_omnichannel.conversation.outside import OUTSIDE_WINDOW, Wanted, decide_or_instead
from wa_omnichannel.conversation.situations import situation
from wa_omnichannel.errors import Refused
from wa_omnichannel.explain import Check
from wa_omnichannel.messages import (
    ARRIVED,
    FAILURES,
    Accepted,
    Ambiguous,
    Content,
    DeliveryStatus,
    NotSent,
    Outgoing,
    Rejected,
    StatusReport,
    TemplateMessage,
    join,
    provider_status,
    summary,
)
from wa_omnichannel.pacing import Backoff
from wa_omnichannel.rules import Rules
from wa_omnichannel.sending import Allowed, SendPolicy, Situation, secondary
from wa_omnichannel.templates import ALERTS, DOUBTS, Category

UNRESOLVED = "message_unresolved"
"""Event of a message whose fate the provider's list does not tell; a callback may still do so."""

IN_FLIGHT = frozenset({DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN})
"""Statuses of a message that was handed over and of which nothing is known for certain."""

MAX_ATTEMPTS = 5
"""How often a message that certainly was not sent, or that the provider may take later, is tried before it failed."""

RETRY = Backoff(timedelta(seconds=4), timedelta(minutes=15))
"""Pauses between attempts, spread by the message's id."""

SETTLE = timedelta(seconds=30)
"""How long after an attempt the provider's list may still lack the message."""

LOOK_AGAIN = timedelta(seconds=5)
"""Time between two searches of the provider's list."""


def send_requested(rules: Rules, state: State, event: SendRequested, now: datetime) -> Decision:
    """Accept the message for delivery, or refuse it with reasons and remedies (SES-4)."""
    policy = rules.send_policy(state.thread.number)
    if policy is None:
        return refusal(state, rules.silence(state.thread.number), {"number": state.thread.number})
    check = _may_answer(state.thread, event)
    if check is not None and not check.met:
        return refusal(state, check.code, check.facts, (check,))
    about = {"message": event.message_id, "by": event.author}
    outcome = decide_or_instead(policy, state, Wanted(event.content, event.party), now, about)
    verdict, told = outcome.verdict, outcome.told
    if isinstance(verdict, Refused):
        facts = {"reason": verdict.reason, "text": summary(event.content)[:80], "by": event.author}
        shown = outside.exceeded(verdict, event.agent)
        effects: tuple[Effect, ...] = (Record("send_refused", facts, verdict.trace), *told, *shown)
        return Decision(state, effects, verdict, verdict.trace)
    live = state.thread.live
    thread = outcome.thread
    message = Message(
        event.message_id,
        thread.number,
        thread.contact,
        live.id if live else None,
        Direction.OUT,
        verdict.content,
        now,
        event.author,
        DeliveryStatus.PENDING,
        party=event.party,
        bulk=event.bulk,
    )
    facts = {"message": message.id, "by": event.author, "text": summary(verdict.content)[:250]}
    accepted: list[Effect] = [*told, Record("message_accepted", facts, verdict.trace)]
    accepted.append(Deliver(message.id, bulk=event.bulk))
    for n, part in enumerate(verdict.rest, 2):
        more = attrs.evolve(message, id=f"{message.id}-{n}", content=part)
        accepted += (Enqueue(more), Deliver(more.id, bulk=event.bulk))
    return Decision(attrs.evolve(state, message=message, thread=thread), tuple(accepted), trace=verdict.trace)


def _may_answer(thread: Thread, event: SendRequested) -> Check | None:
    """Tell whether the author may write in the conversation that is answered, if one is."""
    if event.conversation is None:
        return None
    live = thread.live
    if live is None or live.id != event.conversation:
        return Check("WA-LIVE", False, "conversation_closed", {"conversation": event.conversation})
    if event.agent is not None and live.agent != event.agent:
        facts = {"agent": event.agent, "holder": live.agent or "-"}
        return Check("WA-HOLDER", False, "not_your_conversation", facts)
    return Check("WA-LIVE", True, "conversation_live", {"conversation": live.id})


def dispatch_due(rules: Rules, state: State, _: DispatchDue, now: datetime) -> Decision:
    """Decide again, at the last moment, and put the attempt on record before anything leaves (SES-8)."""
    message, policy = state.message, rules.send_policy(state.thread.number)
    if message is None or message.status is not DeliveryStatus.PENDING:
        return refusal(state, "nothing_to_dispatch")
    if policy is None:
        return _turned_down(state, message, Refused(rules.silence(message.number), {"number": message.number}))
    about = {"message": message.id, "by": message.author}
    outcome = decide_or_instead(policy, state, Wanted(message.content, message.party), now, about)
    verdict, told, known = outcome.verdict, outcome.told, situation(state, message.party)
    if isinstance(verdict, Refused):
        return _turned_down(state, message, verdict, told)
    attempt = message.attempt + 1
    sending_now = attrs.evolve(
        message,
        status=DeliveryStatus.SENDING,
        attempt=attempt,
        dispatched_at=now,
        content=verdict.content,
        error_code=None,
        error="",
    )
    thread = outcome.thread
    to = _recipient(policy, known, verdict.content)
    outgoing = Outgoing(message.id, thread.number, to, verdict.content, verdict.validity)
    facts = {"message": message.id, "attempt": attempt}
    effects: tuple[Effect, ...] = (
        *told,
        *_counted(policy, known, verdict, now, message.attempt == 0),
        Record("message_dispatched", facts, verdict.trace),
        Post(outgoing),
    )
    return Decision(attrs.evolve(state, message=sending_now, thread=thread), effects, trace=verdict.trace)


def _recipient(policy: SendPolicy, known: Situation, content: Content) -> Address:
    """Return where a message goes: where the customer wrote from, but codes only to a phone number."""
    if isinstance(content, TemplateMessage):
        template = policy.templates.get(content.name)
        if template is not None and template.category is Category.AUTHENTICATION:
            return next(filter(is_phone, known.addresses), known.addresses[0])
    return known.addresses[0]


def _counted(policy: SendPolicy, known: Situation, allowed: Allowed, now: datetime, fresh: bool) -> tuple[Effect, ...]:
    """Count a message where secondary rules ask for it, and say when the messaging tier is nearly used up.

    One that is tried again is the same service message; it is counted when it is *fresh*.
    """
    first, reply = secondary.counts(policy, known, allowed, now)
    reply = reply and fresh
    count: tuple[Effect, ...] = (Count(first, reply),) if first or reply else ()
    if not first or not secondary.nearly_used_up(policy.limits, known):
        return count
    facts = {"recipients": (known.counters.recipients or 0) + 1, "limit": policy.limits.daily_recipients}
    return (*count, Record("tier_nearly_used_up", facts))


def _turned_down(state: State, message: Message, refused: Refused, told: tuple[Record, ...] = ()) -> Decision:
    """Put on record that the message will not be sent after all."""
    after = attrs.evolve(message, status=DeliveryStatus.REFUSED, error=refused.reason)
    facts = {"message": message.id, "reason": refused.reason, "by": message.author}
    record = Record("send_refused", facts, refused.trace)
    return Decision(attrs.evolve(state, message=after), (record, *told), refused, refused.trace)


def send_finished(rules: Rules, state: State, event: SendFinished, now: datetime) -> Decision:
    """Note the provider's answer: sent, rejected, not sent, or unknown."""
    message = state.message
    if message is None:
        return refusal(state, "message_unknown")
    match event.outcome:
        case Accepted(sid, status):
            facts = {"message": message.id, "sid": sid, "status": status.value}
            thread = _answered(state.thread, message)
            state = attrs.evolve(state, message=_accepted(message, sid, status), thread=thread)
            return Decision(state, (Record("message_sent", facts),))
        case Rejected(code, text, retryable, sid=sid):
            if retryable and message.status in IN_FLIGHT:
                return _try_again(state, message, Setback(text, code, sid=sid), now)
            return _failed(rules, state, message, code, text, now)
        case NotSent(reason, retry_after):
            if message.status not in IN_FLIGHT:  # a callback told meanwhile that an earlier attempt did arrive
                return Decision(state)
            return _try_again(state, message, Setback(reason, pause=retry_after), now)
        case Ambiguous(reason):
            after = attrs.evolve(message, status=join(message.status, DeliveryStatus.UNKNOWN), error=reason)
            record = Record("message_unknown", {"message": message.id, "reason": reason})
            look = Reconcile(message.id, now + LOOK_AGAIN)
            return Decision(attrs.evolve(state, message=after), (record, look))


def _accepted(message: Message, sid: str, status: DeliveryStatus) -> Message:
    """Return the message after the provider took an attempt; callbacks about it may have come before.

    If they said that it failed, the next attempt is planned already and this answer is about a former one. If they
    were about an attempt whose answer was lost, that one is a former one now.
    """
    if sid in message.former:
        return message
    if message.sid in (None, sid):
        return attrs.evolve(message, sid=sid, status=join(message.status, status))
    known = status if message.status in FAILURES else join(message.status, status)
    return attrs.evolve(message, sid=sid, status=known, former=_with(message.former, message.sid))


def _with(former: tuple[str, ...], sid: str | None) -> tuple[str, ...]:
    return former if sid is None or sid in former else (*former, sid)


def _answered(thread: Thread, message: Message) -> Thread:
    """Note the business's answer to a customer who came through an advertisement."""
    if thread.free_entry is None or message.dispatched_at is None:
        return thread
    entry = free_entry.answer(thread.free_entry, message.dispatched_at)
    return thread if entry is thread.free_entry else attrs.evolve(thread, free_entry=entry)


def _failed(rules: Rules, state: State, message: Message, code: int | None, text: str, now: datetime) -> Decision:
    """Note a failure, and what it teaches about window and consent."""
    status = join(message.status, DeliveryStatus.FAILED)
    after = attrs.evolve(message, status=status, error_code=code, error=text)
    record = Record("message_failed", {"message": message.id, "code": code, "error": text})
    state, more = _lessons(rules, attrs.evolve(state, message=after), message, code, now)
    return Decision(state, (record, *more))


def _lessons(
    rules: Rules, state: State, before: Message, code: int | None, now: datetime
) -> tuple[State, tuple[Effect, ...]]:
    """Learn from the provider's error code: about the consent first, so that what is sent instead heeds it."""
    contact, learned = _learned(state.contact, before, code)
    state, more = outside.learn(rules, attrs.evolve(state, contact=contact), before, code, now)
    return state, (*learned, *_reported(before, code), *more)


def _reported(message: Message, code: int | None) -> tuple[ReportTemplate, ...]:
    """Pass on what an error code tells about the template that was sent."""
    content = message.content
    if code is None or code not in _ABOUT_TEMPLATES or not isinstance(content, TemplateMessage):
        return ()
    return (ReportTemplate(content.name, content.language or "", code),)


_ABOUT_TEMPLATES = ALERTS.keys() | DOUBTS


def _learned(contact: Contact, message: Message, code: int | None) -> tuple[Contact, tuple[Effect, ...]]:
    """Note what the provider found out about the customer's consent: stopped, marketing stopped, number blocked."""
    known = consent.learn(contact.consent, code, message.number, message.dispatched_at or message.at)
    if known == contact.consent:
        return contact, ()
    scope = consent.OPT_OUT_CODES[code or 0]
    facts = {"scope": scope.value if scope else "block", "source": f"provider: {code}", "message": message.id}
    return attrs.evolve(contact, consent=known), (Record("opted_out", facts),)


@attrs.frozen
class Setback:
    """Why an attempt came to nothing although a later one may pass."""

    reason: str
    code: int | None = None
    """The provider's error code, if it gave one."""
    pause: timedelta | None = None
    """How long the provider asks to wait."""
    sid: str | None = None
    """The provider's identifier of this attempt, if it has one."""


def _try_again(state: State, message: Message, setback: Setback, now: datetime) -> Decision:
    """Plan the next attempt of a message that was not sent, later each time and not for ever.

    When it is due it is decided upon anew, so nothing leaves outside the window or to somebody who said stop.
    """
    failed = attrs.evolve(message, error_code=setback.code, error=setback.reason)
    facts: dict[str, object] = {"message": message.id, "reason": setback.reason, "attempt": message.attempt}
    if setback.code is not None:
        facts["code"] = setback.code
    if message.attempt >= MAX_ATTEMPTS:
        after = attrs.evolve(failed, status=join(message.status, DeliveryStatus.FAILED), sid=message.sid or setback.sid)
        return Decision(attrs.evolve(state, message=after), (Record("message_failed", facts),))
    former = _with(_with(message.former, message.sid), setback.sid)
    after = attrs.evolve(failed, status=DeliveryStatus.PENDING, sid=None, former=former)
    due = now + (setback.pause or RETRY.pause(message.attempt, message.id))
    effects = (Record("message_postponed", {**facts, "due": due}), Deliver(message.id, due, message.bulk))
    return Decision(attrs.evolve(state, message=after), effects)


def reconciled(_: Rules, state: State, event: Reconciled, now: datetime) -> Decision:
    """Find out about a lost answer: adopt the one match, or send again once it is certain that there is none."""
    message = state.message
    if message is None or message.dispatched_at is None or message.sid is not None:
        return refusal(state, "message_known")
    if message.status not in IN_FLIGHT:
        return refusal(state, "message_known")
    sightings, settled = event.sightings, now >= message.dispatched_at + SETTLE
    facts: dict[str, object] = {"message": message.id, "found": len(sightings or ())}
    if sightings is not None and len(sightings) == 1:
        seen = sightings[0]
        after = attrs.evolve(message, sid=seen.sid, status=join(message.status, seen.status), error="")
        thread = state.thread if seen.status in FAILURES else _answered(state.thread, message)
        found = Record("message_found", {**facts, "sid": seen.sid})
        return Decision(attrs.evolve(state, message=after, thread=thread), (found,))
    if sightings or (sightings is None and settled):
        after = attrs.evolve(message, status=DeliveryStatus.UNKNOWN)
        return Decision(attrs.evolve(state, message=after), (Record(UNRESOLVED, facts),))
    if not settled:
        return Decision(state, (Reconcile(message.id, now + LOOK_AGAIN),))
    return _try_again(state, message, Setback("not_in_the_providers_list"), now)


def status_reported(rules: Rules, state: State, event: StatusReported, now: datetime) -> Decision:
    """Move the message up the lattice; late, repeated and reordered callbacks change nothing.

    What is said about an earlier attempt does not concern the later one, unless it arrived: then nothing is sent again.
    A failure that may pass later is tried again, as an answer of that kind is.
    """
    message, report = state.message, event.report
    if message is None:
        return refusal(state, "message_unknown", {"sid": report.sid})
    reported = provider_status(report.status)
    facts = {"message": message.id, "status": report.status, "code": report.error_code}
    if reported is None:
        return Decision(state, (Record("message_status_unknown", facts),))
    current = report.sid not in message.former and message.sid in (None, report.sid)
    after = _moved(message, report, reported) if current or reported in ARRIVED else message
    told = Record("message_status", facts)
    if current and report.retryable and reported in FAILURES and after.status in FAILURES:
        again = _try_again(state, after, Setback(report.error_message, report.error_code), now)
        return attrs.evolve(again, effects=(told, *again.effects))
    thread = state.thread if reported in FAILURES else _answered(state.thread, message)
    state, more = _lessons(rules, attrs.evolve(state, message=after, thread=thread), message, report.error_code, now)
    return Decision(state, (told, *more))


def _moved(message: Message, report: StatusReport, reported: DeliveryStatus) -> Message:
    """Return the message after a callback that concerns it."""
    status, after = join(message.status, reported), message
    if status is not message.status or message.sid is None:
        after = attrs.evolve(message, status=status, sid=message.sid or report.sid)
    if reported in FAILURES:
        return _blamed(after, report)
    return after


def _blamed(message: Message, report: StatusReport) -> Message:
    """Note why a message failed. A report without a reason takes none away; 63016 is kept, since it has a remedy."""
    told = report.error_code
    if (told is None and not report.error_message) or (
        message.error_code in OUTSIDE_WINDOW and told not in OUTSIDE_WINDOW
    ):
        return message
    return attrs.evolve(message, error_code=told, error=report.error_message)
