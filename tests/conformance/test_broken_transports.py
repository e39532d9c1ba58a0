"""The suite finds every fault: each transport here breaks one promise, and the check of that name says so."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

import attrs
import pytest
import requests
from tests.conformance import benches
from tests.support.meta_double import NUMBER_ID, TOKEN

from wa_omnichannel.adapters.meta import MAX_BODY
from wa_omnichannel.errors import MalformedWebhook, TransportError
from wa_omnichannel.messages import (
    Accepted,
    Ambiguous,
    ButtonReply,
    DeliveryStatus,
    Inbound,
    NotSent,
    Outcome,
    Outgoing,
    Rejected,
    Sighting,
    StatusReport,
)
from wa_omnichannel.ports import Download, SentQuery
from wa_omnichannel.testing.conformance import (
    TRANSPORT_CHECKS,
    Bench,
    ConformanceError,
    check_transport,
    run_transport_check,
)
from wa_omnichannel.webhooks import Batch, WebhookRequest

BY_NAME = {check.name: check for check in TRANSPORT_CHECKS}


class Honest:
    """A transport that passes everything on; the broken ones override one thing."""

    def __init__(self, inner: Any, double: Any) -> None:
        self.inner = inner
        self.double = double

    def read(self, request: WebhookRequest) -> Any:
        return self.inner.read(request)

    def send(self, outgoing: Outgoing) -> Outcome:
        outcome: Outcome = self.inner.send(outgoing)
        return outcome

    def find(self, query: SentQuery) -> tuple[Sighting, ...] | None:
        found: tuple[Sighting, ...] | None = self.inner.find(query)
        return found


class Repeats(Honest):
    """Tries again what it did not get an answer to, as many HTTP clients do."""

    def send(self, outgoing: Outgoing) -> Outcome:
        outcome = super().send(outgoing)
        return super().send(outgoing) if isinstance(outcome, Ambiguous) else outcome


class RepeatsRejected(Honest):
    def send(self, outgoing: Outgoing) -> Outcome:
        outcome = super().send(outgoing)
        return super().send(outgoing) if isinstance(outcome, Rejected) else outcome


class TakesDoubtForNo(Honest):
    def send(self, outgoing: Outgoing) -> Outcome:
        outcome = super().send(outgoing)
        return NotSent(outcome.reason) if isinstance(outcome, Ambiguous) else outcome


class TakesDoubtForYes(Honest):
    def send(self, outgoing: Outgoing) -> Outcome:
        outcome = super().send(outgoing)
        return Accepted("guessed", DeliveryStatus.QUEUED) if isinstance(outcome, Ambiguous) else outcome


class TakesEveryFailureForDoubt(Honest):
    def send(self, outgoing: Outgoing) -> Outcome:
        outcome = super().send(outgoing)
        return Ambiguous("?") if isinstance(outcome, NotSent) else outcome


class TakesThrottlingForRefusal(Honest):
    def send(self, outgoing: Outgoing) -> Outcome:
        outcome = super().send(outgoing)
        return Rejected(429, "too many") if outcome == NotSent("too_many_requests") else outcome


class Raises(Honest):
    def send(self, outgoing: Outgoing) -> Outcome:
        outcome = super().send(outgoing)
        if isinstance(outcome, Rejected):
            raise TransportError(outcome.message)
        return outcome


class ForgetsTheSid(Honest):
    def send(self, outgoing: Outgoing) -> Outcome:
        outcome = super().send(outgoing)
        return attrs.evolve(outcome, sid="") if isinstance(outcome, Accepted) else outcome


class SharesItsAnswer(Honest):
    """Keeps the last answer on itself, which other threads overwrite."""

    last: Outcome | None = None

    def send(self, outgoing: Outgoing) -> Outcome:
        self.last = self.last or super().send(outgoing)
        return self.last


class AnswersAllWithTheFirst(Honest):
    """Gives everybody the answer that came first, as a shared attribute does when nothing guards it."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.first: Outcome | None = None
        self.lock = threading.Lock()

    def send(self, outgoing: Outgoing) -> Outcome:
        mine = super().send(outgoing)
        with self.lock:
            self.first = self.first or mine
            return self.first


class WaitsForEver(Honest):
    """Has no time-out: a late answer is waited for."""

    def send(self, outgoing: Outgoing) -> Outcome:
        body = {"messaging_product": "whatsapp", "type": "text", "to": outgoing.to.removeprefix("+"), "text": {}}
        if isinstance(outgoing.content, ButtonReply):
            return Rejected(0, "no")
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        try:
            answer = requests.post(
                f"{self.double.url}/v23.0/{NUMBER_ID}/messages", json.dumps(body), headers=headers, timeout=60
            )
        except requests.ConnectionError as error:
            return Ambiguous("lost") if "aborted" in str(error) else NotSent("unreachable")
        if answer.ok:
            (message,) = answer.json()["messages"]
            return Accepted(message["id"], DeliveryStatus.QUEUED)
        return Ambiguous("?") if answer.status_code >= 500 else Rejected(400, "no")


class TriesEverything(Honest):
    """Sends what cannot be sent as something else."""

    def send(self, outgoing: Outgoing) -> Outcome:
        if isinstance(outgoing.content, ButtonReply):
            return super().send(benches.OUTGOING)
        return super().send(outgoing)


class SaysNothingWasSent(Honest):
    """Has no list, and answers with an empty one: what was sent would be sent again."""

    def find(self, query: SentQuery) -> tuple[Sighting, ...] | None:
        return ()


class BelievesAnybody(Honest):
    def read(self, request: WebhookRequest) -> Any:
        return self.inner.read(self.double.signed(request.body))


class TakesAnySize(Honest):
    def read(self, request: WebhookRequest) -> Any:
        return self.inner.read(attrs.evolve(request, body=request.body[:MAX_BODY]))


class AnswersLargeOnesWith400(Honest):
    def read(self, request: WebhookRequest) -> Any:
        if len(request.body) > MAX_BODY:
            raise MalformedWebhook("large")
        return self.inner.read(request)


class LetsErrorsOut(Honest):
    def read(self, request: WebhookRequest) -> Any:
        read = self.inner.read
        if not request.headers or request.body == b"" or len(request.body) > MAX_BODY:
            return read(request)
        json.loads(request.body)
        return read(request)


def changed(items: Callable[[Any], Any]) -> type[Honest]:
    class Changes(Honest):
        def read(self, request: WebhookRequest) -> Any:
            read = self.inner.read(request)
            return Batch(tuple(map(items, read.items)), read.answer)

    return Changes


def report(**changes: Any) -> Callable[[Any], Any]:
    return lambda item: attrs.evolve(item, **changes) if isinstance(item, StatusReport) else item


def inbound(**changes: Any) -> Callable[[Any], Any]:
    return lambda item: attrs.evolve(item, **changes) if isinstance(item, Inbound) else item


BROKEN: tuple[tuple[str, Callable[[Any, Any], Honest]], ...] = (
    ("a_server_error_is_ambiguous", Repeats),
    ("a_server_error_may_hide_a_sent_message", Repeats),
    ("an_unavailable_provider_is_ambiguous", Repeats),
    ("a_dropped_connection_is_ambiguous", Repeats),
    ("a_refused_message_is_rejected", RepeatsRejected),
    ("a_refused_message_is_rejected", Raises),
    ("a_server_error_is_ambiguous", TakesDoubtForNo),
    ("a_dropped_connection_is_ambiguous", TakesDoubtForNo),
    ("a_garbled_answer_is_ambiguous", TakesDoubtForYes),
    ("a_late_answer_is_not_waited_for", TakesDoubtForYes),
    ("a_late_answer_is_not_waited_for", WaitsForEver),
    ("it_goes_on_after_faults", SharesItsAnswer),
    ("a_provider_that_is_not_there_was_sent_nothing", TakesEveryFailureForDoubt),
    ("a_throttled_message_was_not_sent", TakesThrottlingForRefusal),
    ("a_message_is_sent_with_one_request", ForgetsTheSid),
    ("many_at_once_each_get_their_own_identifier", AnswersAllWithTheFirst),
    ("what_cannot_be_sent_is_not_tried", TriesEverything),
    ("what_was_sent_is_found", SaysNothingWasSent),
    ("a_message_whose_answer_was_lost_is_found", SaysNothingWasSent),
    ("a_forged_webhook_is_refused", BelievesAnybody),
    ("an_oversized_webhook_is_refused", TakesAnySize),
    ("an_oversized_webhook_is_refused", AnswersLargeOnesWith400),
    ("garbage_is_a_webhook_error", LetsErrorsOut),
    ("a_status_finds_its_message", changed(report(message_id=None))),
    ("a_status_finds_its_message", changed(report(sid="other"))),
    ("a_status_finds_its_message", changed(report(status="in_orbit"))),
    ("a_webhook_is_read", changed(inbound(sid="same"))),
    ("a_webhook_is_read", changed(inbound(number="+10000000000"))),
    ("a_webhook_is_read", changed(inbound(addresses=("US.1",)))),
)


@contextmanager
def broken(kind: Callable[[Any, Any], Honest]) -> Iterator[Bench]:
    with benches.meta() as bench:
        yield attrs.evolve(bench, transport=kind(bench.transport, bench.provider))


@pytest.mark.parametrize(
    ("name", "kind"), BROKEN, ids=[f"{name}-{getattr(kind, '__name__', '')}" for name, kind in BROKEN]
)
def test_a_broken_transport_is_found(name: str, kind: Callable[[Any, Any], Honest]) -> None:
    with pytest.raises(ConformanceError) as caught:
        run_transport_check(BY_NAME[name], partial(broken, kind))
    assert caught.value.check == name
    assert caught.value.obligation in str(caught.value)


# --- with a list


class SeesNothing(Honest):
    def find(self, query: SentQuery) -> tuple[Sighting, ...] | None:
        return ()


class HasNoList(Honest):
    def find(self, query: SentQuery) -> tuple[Sighting, ...] | None:
        return None


class SeesEverybody(Honest):
    def find(self, query: SentQuery) -> tuple[Sighting, ...] | None:
        return super().find(attrs.evolve(query, to=benches.ANA))


class SwallowsTheError(Honest):
    def find(self, query: SentQuery) -> tuple[Sighting, ...] | None:
        try:
            return super().find(query)
        except TransportError:
            return ()


LISTS = (
    ("what_was_sent_is_found", SeesNothing),
    ("what_was_sent_is_found", HasNoList),
    ("a_message_whose_answer_was_lost_is_found", SeesNothing),
    ("other_messages_are_not_found", SeesEverybody),
    ("a_list_that_cannot_be_had_is_an_error", SwallowsTheError),
)


@contextmanager
def broken_list(kind: Callable[[Any, Any], Honest]) -> Iterator[Bench]:
    with benches.twilio() as bench:
        yield attrs.evolve(bench, transport=kind(bench.transport, bench.provider))


@pytest.mark.parametrize(("name", "kind"), LISTS)
def test_a_broken_list_is_found(name: str, kind: Callable[[Any, Any], Honest]) -> None:
    with pytest.raises(ConformanceError) as caught:
        run_transport_check(BY_NAME[name], partial(broken_list, kind))
    assert caught.value.check == name


# --- files


class AsksAnybody:
    """Sends the token to whatever address it is given."""

    def __init__(self, double: Any) -> None:
        self.double = double

    @contextmanager
    def open(self, url: str) -> Iterator[Download]:
        yield Download("image/png", iter([b"whatever"]))


@pytest.mark.parametrize(
    "name", ["a_file_is_fetched", "foreign_addresses_are_not_asked", "a_missing_file_is_unavailable"]
)
def test_a_broken_media_source_is_found(name: str) -> None:
    @contextmanager
    def make() -> Iterator[Bench]:
        with benches.meta() as bench:
            yield attrs.evolve(bench, media=AsksAnybody(bench.provider))

    with pytest.raises(ConformanceError) as caught:
        run_transport_check(BY_NAME[name], make)
    assert caught.value.check == name


def test_every_check_finds_a_broken_one() -> None:
    media = {"a_file_is_fetched", "foreign_addresses_are_not_asked", "a_missing_file_is_unavailable"}
    assert {name for name, _ in (*BROKEN, *LISTS)} | media == set(BY_NAME)


def test_the_whole_suite_stops_at_the_first_broken_promise() -> None:
    def make() -> AbstractContextManager[Bench]:
        return broken(ForgetsTheSid)

    with pytest.raises(ConformanceError, match="a_message_is_sent_with_one_request"):
        check_transport(make)
