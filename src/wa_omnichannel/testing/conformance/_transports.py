"""The obligations of a transport and of its media source."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import attrs

from wa_omnichannel.errors import MediaRefused, MediaUnavailable, TransportError, WebhookError
from wa_omnichannel.messages import (
    Accepted,
    Ambiguous,
    ButtonReply,
    Inbound,
    NotSent,
    Outcome,
    Rejected,
    Sighting,
    StatusReport,
    Text,
    provider_status,
)
from wa_omnichannel.ports import SentQuery
from wa_omnichannel.testing.conformance._bench import AsyncBench, Bench, Fault, fetch, find, send
from wa_omnichannel.testing.conformance._steps import Steps, Unmet, expect, together
from wa_omnichannel.webhooks import WebhookRequest, batch_of

AnyBench: TypeAlias = Bench | AsyncBench

_AROUND = timedelta(minutes=2)
_CROWD = 8
_GARBAGE = (b"", b"\x00\xff", b"{", b"[]", b"null", b"a=%zz", b"=&=", b"x" * 5000, b'{"object": 1}', b"[" * 4000)


def _is(outcome: Outcome, kind: type[Outcome]) -> None:
    if not isinstance(outcome, kind):
        raise Unmet(f"expected {kind.__name__}, found {outcome!r}")


def _counted(bench: AnyBench, posts: int, arrived: int) -> None:
    expect("requests to send a message", bench.provider.posts, posts)
    expect("messages that were sent", bench.provider.arrived, arrived)


def _numbered(bench: AnyBench, number: int) -> Steps[Outcome]:
    return send(attrs.evolve(bench.outgoing, message_id=f"{bench.outgoing.message_id}-{number}"))


def a_message_is_sent_with_one_request(bench: AnyBench) -> Steps[None]:
    """One message is one request, and the answer has the provider's identifier."""
    outcome = yield from send(bench.outgoing)
    _is(outcome, Accepted)
    if not (isinstance(outcome, Accepted) and outcome.sid):
        raise Unmet(f"the identifier is empty: {outcome!r}")
    _counted(bench, 1, 1)


def many_at_once_each_get_their_own_identifier(bench: AnyBench) -> Steps[None]:
    """Messages that are sent at the same time, by threads or tasks, are all sent, each with its own identifier."""
    outcomes = yield from together([_numbered(bench, number) for number in range(_CROWD)])
    sids = {outcome.sid for outcome in outcomes if isinstance(outcome, Accepted)}
    expect("distinct identifiers", len(sids), _CROWD)
    _counted(bench, _CROWD, _CROWD)


def a_refused_message_is_rejected(bench: AnyBench) -> Steps[None]:
    """A message that the provider refuses is rejected with its code; nothing is tried again or raised."""
    bench.provider.plan(Fault.REFUSED)
    _is((yield from send(bench.outgoing)), Rejected)
    _counted(bench, 1, 0)


def a_throttled_message_was_not_sent(bench: AnyBench) -> Steps[None]:
    """Too many requests: the message was not sent and is safe to repeat; the pause is never negative."""
    bench.provider.plan(Fault.THROTTLED)
    outcome = yield from send(bench.outgoing)
    _is(outcome, NotSent)
    pause = outcome.retry_after if isinstance(outcome, NotSent) else None
    if pause is not None and pause < timedelta(0):
        raise Unmet(f"the pause is negative: {pause}")
    _counted(bench, 1, 0)


def _doubtful(bench: AnyBench, fault: Fault, arrived: int) -> Steps[None]:
    """Send one message well, so that a connection stands, and the next one into a fault."""
    _is((yield from _numbered(bench, 1)), Accepted)
    bench.provider.plan(fault)
    _is((yield from _numbered(bench, 2)), Ambiguous)
    _counted(bench, 2, 1 + arrived)


def a_server_error_is_ambiguous(bench: AnyBench) -> Steps[None]:
    """A 500 says nothing about the message: the outcome is ambiguous, and nothing is posted again."""
    yield from _doubtful(bench, Fault.FAILED, 0)


def a_server_error_may_hide_a_sent_message(bench: AnyBench) -> Steps[None]:
    """A 500 may come after the message was sent: the outcome is ambiguous, and nothing is posted again."""
    yield from _doubtful(bench, Fault.LOST, 1)


def an_unavailable_provider_is_ambiguous(bench: AnyBench) -> Steps[None]:
    """A 503 may come from anywhere on the way: the outcome is ambiguous, and nothing is posted again."""
    yield from _doubtful(bench, Fault.UNAVAILABLE, 0)


def a_dropped_connection_is_ambiguous(bench: AnyBench) -> Steps[None]:
    """A connection that ends without an answer is ambiguous, also one that was used before; nothing is posted again."""
    yield from _doubtful(bench, Fault.DROPPED, 1)


def a_late_answer_is_not_waited_for(bench: AnyBench) -> Steps[None]:
    """A provider that does not answer in time makes the call end; the outcome is ambiguous."""
    yield from _doubtful(bench, Fault.LATE, 1)


def a_garbled_answer_is_ambiguous(bench: AnyBench) -> Steps[None]:
    """A good status with a body that makes no sense: the provider did something, so the outcome is ambiguous."""
    yield from _doubtful(bench, Fault.GARBLED, 1)


def a_provider_that_is_not_there_was_sent_nothing(bench: AnyBench) -> Steps[None]:
    """No connection came about, so the message was not sent and is safe to repeat."""
    bench.provider.stop()
    _is((yield from send(bench.outgoing)), NotSent)


def it_goes_on_after_faults(bench: AnyBench) -> Steps[None]:
    """After every fault the next message is sent as if nothing had happened."""
    for number, fault in enumerate((Fault.DROPPED, Fault.FAILED, Fault.REFUSED, Fault.GARBLED)):
        bench.provider.plan(fault)
        yield from _numbered(bench, number)
        _is((yield from _numbered(bench, 100 + number)), Accepted)


def what_cannot_be_sent_is_not_tried(bench: AnyBench) -> Steps[None]:
    """Content that only arrives (a tapped button) is rejected without a request."""
    _is((yield from send(attrs.evolve(bench.outgoing, content=ButtonReply("Yes")))), Rejected)
    _counted(bench, 0, 0)


def _query(bench: AnyBench) -> SentQuery:
    now = datetime.now(UTC)  # the provider's double lives by the machine's clock
    return SentQuery(bench.outgoing.sender, bench.outgoing.to, now - _AROUND, now + _AROUND)


def _found(bench: AnyBench, found: tuple[Sighting, ...] | None) -> tuple[Sighting, ...]:
    """Return what was found; a provider without a list must say so with None."""
    if (found is not None) is not bench.lookup:
        raise Unmet(f"the provider {'has a' if bench.lookup else 'has no'} list, and find answered {found!r}")
    return found or ()


def what_was_sent_is_found(bench: AnyBench) -> Steps[None]:
    """The list shows the message with its identifier and words; without a list the answer is None."""
    outcome = yield from send(bench.outgoing)
    found = _found(bench, (yield from find(_query(bench))))
    if bench.lookup and isinstance(outcome, Accepted):
        body = bench.outgoing.content.body if isinstance(bench.outgoing.content, Text) else ""
        expect("found", [(each.sid, each.body) for each in found], [(outcome.sid, body)])


def a_message_whose_answer_was_lost_is_found(bench: AnyBench) -> Steps[None]:
    """A message that was sent while its answer was lost is in the list; one that was not sent is not."""
    bench.provider.plan(Fault.LOST)
    yield from _numbered(bench, 1)
    bench.provider.plan(Fault.FAILED)
    yield from _numbered(bench, 2)
    found = _found(bench, (yield from find(_query(bench))))
    expect("found", len(found), 1 if bench.lookup else 0)


def other_messages_are_not_found(bench: AnyBench) -> Steps[None]:
    """The list is searched for one customer and one stretch of time only."""
    yield from send(bench.outgoing)
    query = _query(bench)
    other = attrs.evolve(query, to=bench.outgoing.sender)
    before = attrs.evolve(query, since=query.since - timedelta(days=2), until=query.since - timedelta(days=1))
    for each in (other, before):
        expect("found", _found(bench, (yield from find(each))), ())


def a_list_that_cannot_be_had_is_an_error(bench: AnyBench) -> Steps[None]:
    """When the provider cannot be asked, the search raises TransportError; an empty list would be a lie."""
    bench.provider.stop()
    try:
        found = yield from find(_query(bench))
    except TransportError:
        return
    _found(bench, found)
    if bench.lookup:
        raise Unmet(f"expected TransportError, found {found!r}")


def a_webhook_is_read(bench: AnyBench) -> Steps[None]:
    """A customer's message is read with its identifier, the business number, the address to answer to and its words."""
    yield from ()
    request = bench.provider.inbound("¡Hola! 😀 & más=1")
    (item,) = batch_of(bench.transport.read(request)).items
    if not isinstance(item, Inbound):
        raise Unmet(f"expected a message, found {item!r}")
    said = (item.content, item.number, item.addresses[0], bool(item.sid))
    expect("message", said, (Text("¡Hola! 😀 & más=1"), bench.outgoing.sender, bench.outgoing.to, True))
    expect("the same webhook again", batch_of(bench.transport.read(request)).items, (item,))
    (other,) = batch_of(bench.transport.read(bench.provider.inbound("Hola"))).items
    if isinstance(other, Inbound) and other.sid == item.sid:
        raise Unmet("two messages have the same identifier")


def a_status_finds_its_message(bench: AnyBench) -> Steps[None]:
    """A status is read with both identifiers, so that one that overtakes the answer finds its message."""
    outcome = yield from send(bench.outgoing)
    sid = outcome.sid if isinstance(outcome, Accepted) else ""
    request = bench.provider.status(sid, bench.outgoing.message_id)
    (item,) = batch_of(bench.transport.read(request)).items
    if not isinstance(item, StatusReport):
        raise Unmet(f"expected a status, found {item!r}")
    expect("status", (item.sid, item.message_id), (sid, bench.outgoing.message_id))
    if provider_status(item.status) is None:
        raise Unmet(f"the word {item.status!r} is not one of the library's")


def _answer(bench: AnyBench, request: WebhookRequest) -> WebhookError | None:
    try:
        bench.transport.read(request)
    except WebhookError as error:
        return error
    return None


def a_forged_webhook_is_refused(bench: AnyBench) -> Steps[None]:
    """A webhook without a signature, or whose body was changed, is refused with 401 or 403."""
    yield from ()
    genuine = bench.provider.inbound("Hola")
    forged = (
        attrs.evolve(genuine, headers=()),
        attrs.evolve(genuine, body=genuine.body.replace(b"Hola", b"Adi\xc3\xb3s")),
        attrs.evolve(genuine, body=b""),
    )
    for request in forged:
        error = _answer(bench, request)
        if error is None or error.status not in (401, 403):
            raise Unmet(f"a forged webhook was answered with {error!r}")


def an_oversized_webhook_is_refused(bench: AnyBench) -> Steps[None]:
    """A webhook that is larger than any of the provider's is refused with 413."""
    yield from ()
    error = _answer(bench, bench.provider.signed(b"x" * (bench.largest + 1)))
    if error is None or error.status != 413:
        raise Unmet(f"it was answered with {error!r}")


def garbage_is_a_webhook_error(bench: AnyBench) -> Steps[None]:
    """Whatever the body holds, reading it raises nothing but WebhookError."""
    yield from ()
    for body in _GARBAGE:
        _answer(bench, bench.provider.signed(body))


def a_file_is_fetched(bench: AnyBench) -> Steps[None]:
    """A customer's file arrives whole, with its type."""
    if bench.media is None:
        return
    file = bench.provider.file()
    found = yield from fetch(file.url)
    expect("file", found, (file.content_type, file.content))


def foreign_addresses_are_not_asked(bench: AnyBench) -> Steps[None]:
    """An address that is not that of a customer's file is refused before anything is sent to it."""
    if bench.media is None:
        return
    for url in _foreign(bench.provider.file().url):
        try:
            yield from fetch(url)
        except MediaRefused:
            continue
        raise Unmet(f"the address {url} was asked")


def _foreign(url: str) -> Iterator[str]:
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    yield f"{scheme}://files.example/{path}"
    yield f"{scheme}://{host}@files.example/{path}"
    yield f"{scheme}://{host}.files.example/{path}"
    yield f"{url}/../x"
    yield "file:///etc/passwd"
    yield ""


def a_missing_file_is_unavailable(bench: AnyBench) -> Steps[None]:
    """A file that is not there raises MediaUnavailable, or MediaRefused if it never will be."""
    if bench.media is None:
        return
    try:
        found = yield from fetch(bench.provider.missing())
    except MediaUnavailable:
        return
    raise Unmet(f"found {found!r}")


CHECKS: tuple[Callable[[AnyBench], Steps[None]], ...] = (
    a_message_is_sent_with_one_request,
    many_at_once_each_get_their_own_identifier,
    a_refused_message_is_rejected,
    a_throttled_message_was_not_sent,
    a_server_error_is_ambiguous,
    a_server_error_may_hide_a_sent_message,
    an_unavailable_provider_is_ambiguous,
    a_dropped_connection_is_ambiguous,
    a_late_answer_is_not_waited_for,
    a_garbled_answer_is_ambiguous,
    a_provider_that_is_not_there_was_sent_nothing,
    it_goes_on_after_faults,
    what_cannot_be_sent_is_not_tried,
    what_was_sent_is_found,
    a_message_whose_answer_was_lost_is_found,
    other_messages_are_not_found,
    a_list_that_cannot_be_had_is_an_error,
    a_webhook_is_read,
    a_status_finds_its_message,
    a_forged_webhook_is_refused,
    an_oversized_webhook_is_refused,
    garbage_is_a_webhook_error,
    a_file_is_fetched,
    foreign_addresses_are_not_asked,
    a_missing_file_is_unavailable,
)
"""Every obligation, as a function of the bench."""
