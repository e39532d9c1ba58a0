"""A refusal that may pass later is tried again; whatever order callbacks come in, the customer gets one message."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.shop import ANA, NOW, NUMBER, shop

from wa_omnichannel import Omnichannel, Text
from wa_omnichannel.adapters.memory import MemoryStore
from wa_omnichannel.addresses import Address
from wa_omnichannel.conversation.delivering import MAX_ATTEMPTS, RETRY
from wa_omnichannel.machine import CountingIds, FixedClock
from wa_omnichannel.messages import Accepted, DeliveryStatus, Inbound, Outcome, Outgoing, Rejected, StatusReport
from wa_omnichannel.ports import DueEntries
from wa_omnichannel.testing.fakes import RecordingTransport

BUSY = Rejected(63018, "Rate limit exceeded", retryable=True)
FAULTY = 30008
DAY = timedelta(hours=24)


@attrs.frozen
class Fate:
    """What becomes of one attempt."""

    answered: bool
    """Whether the provider refuses it in its answer; otherwise it accepts it and callbacks tell the end."""
    code: int | None
    """The error it ends with; None if it is delivered."""
    retryable: bool = False

    @property
    def last(self) -> bool:
        return not self.retryable


DELIVERED = Fate(False, None)
FATES = (
    DELIVERED,
    Fate(True, 63001, retryable=True),
    Fate(False, 63018, retryable=True),
    Fate(False, FAULTY, retryable=True),
    Fate(True, 63024),
    Fate(False, 63013),
)


class Moody(RecordingTransport):
    """A provider whose attempts have fates; some callbacks arrive while the answer is still on its way."""

    def __init__(self, clock: FixedClock, data: st.DataObject | None = None, fates: tuple[Fate, ...] = ()) -> None:
        super().__init__(clock)
        self.fates = fates
        self.pool: list[StatusReport] = []
        self.desk: Omnichannel
        self._data = data

    def send(self, outgoing: Outgoing) -> Outcome:
        n = len(self.handed)
        fate = self.fates[n] if n < len(self.fates) else DELIVERED
        sid = f"SM{n + 1:032x}"
        if fate.answered:
            self.plan(Rejected(fate.code or 0, "", fate.retryable, sid=sid))
        else:
            end = "delivered" if fate.code is None else "undelivered"
            told = [StatusReport(sid, word, outgoing.message_id) for word in ("queued", "sent")]
            self.pool += [*told, StatusReport(sid, end, outgoing.message_id, fate.code, retryable=fate.retryable)]
            self.plan(Accepted(sid, DeliveryStatus.QUEUED))
        outcome = super().send(outgoing)
        self.callbacks()
        return outcome

    def callbacks(self) -> None:
        """Let some callbacks arrive, in any order and several times."""
        assert self._data is not None
        if self.pool:
            for report in self._data.draw(st.lists(st.sampled_from(self.pool), max_size=6)):
                self.call_back(report)

    def call_back(self, report: StatusReport) -> None:
        assert self.desk.receive(self.webhook(report)).status == 200


def channel(provider: RecordingTransport, clock: FixedClock) -> Omnichannel:
    desk = Omnichannel(shop(), store=MemoryStore(), transport=provider, clock=clock, ids=CountingIds())
    desk.receive(provider.webhook(Inbound("IN1", NUMBER, (Address(ANA),), Text("Hola"))))
    return desk


@given(st.data(), st.lists(st.sampled_from(FATES), max_size=MAX_ATTEMPTS).map(tuple))
def test_peers_case_24_callbacks_over_many_attempts_converge(data: st.DataObject, fates: tuple[Fate, ...]) -> None:
    """The end is that of the last attempt, no attempt follows one that is not certainly over, and none is missing."""
    clock = FixedClock(NOW)
    provider = Moody(clock, data, fates)
    desk = provider.desk = channel(provider, clock)
    message = desk.send(NUMBER, ANA, Text("Hola"))
    for _ in range(2 * MAX_ATTEMPTS):
        provider.callbacks()
        clock.advance(RETRY.longest)
        desk.tick()
    for report in data.draw(st.permutations(provider.pool)):
        provider.call_back(report)
        for _ in range(2):
            clock.advance(RETRY.longest)
            desk.tick()
    for _ in range(2 * MAX_ATTEMPTS):  # later attempts had callbacks of their own
        for report in provider.pool:
            provider.call_back(report)
        clock.advance(RETRY.longest)
        desk.tick()
    whole = (*fates, *[DELIVERED] * MAX_ATTEMPTS)[:MAX_ATTEMPTS]
    attempts = next((n for n, fate in enumerate(whole, 1) if fate.last), MAX_ATTEMPTS)
    assert len(provider.handed) == attempts
    after = desk.message(message.id)
    expected = DeliveryStatus.DELIVERED if whole[attempts - 1].code is None else None
    assert after.status is expected or (expected is None and after.status.name in ("FAILED", "UNDELIVERED"))
    assert after.sid not in after.former


@pytest.mark.parametrize("code", [63018, 21611, FAULTY, 63001])
def test_peers_case_24_a_retryable_refusal_is_tried_again_by_answer_and_by_callback(code: int) -> None:
    clock = FixedClock(NOW)
    provider = RecordingTransport(clock)
    desk = channel(provider, clock)
    provider.plan(Rejected(code, "later", retryable=True))
    message = desk.send(NUMBER, ANA, Text("Hola"))
    assert desk.message(message.id).status is DeliveryStatus.PENDING
    clock.advance(timedelta(minutes=5))
    desk.tick()
    first = desk.message(message.id).sid
    assert first is not None
    desk.receive(provider.webhook(StatusReport(first, "undelivered", message.id, code, retryable=True)))
    waiting = desk.message(message.id)
    assert (waiting.status, waiting.sid, waiting.former) == (DeliveryStatus.PENDING, None, (first,))
    clock.advance(timedelta(minutes=5))
    desk.tick()
    again = desk.message(message.id)
    assert (again.status, again.attempt, len(provider.handed)) == (DeliveryStatus.QUEUED, 3, 3)
    desk.receive(provider.webhook(StatusReport(first, "failed", message.id, code, retryable=True)))
    assert desk.message(message.id) == again


def test_a_late_delivery_of_an_earlier_attempt_wins_and_nothing_is_sent_again() -> None:
    """The provider said that it failed, then that it arrived; whoever said the latter knows."""
    clock = FixedClock(NOW)
    provider = RecordingTransport(clock)
    desk = channel(provider, clock)
    message = desk.send(NUMBER, ANA, Text("Hola"))
    sid = message.sid or ""
    desk.receive(provider.webhook(StatusReport(sid, "undelivered", message.id, FAULTY, retryable=True)))
    desk.receive(provider.webhook(StatusReport(sid, "delivered", message.id)))
    for _ in range(10):
        clock.advance(RETRY.longest)
        desk.tick()
    assert desk.message(message.id).status is DeliveryStatus.DELIVERED
    assert len(provider.handed) == 1


def test_a_retry_is_never_sent_outside_the_window_nor_to_who_said_stop() -> None:
    """SES-8: what is due is decided upon anew."""
    for closing in ("time", "stop"):
        clock = FixedClock(NOW)
        provider = RecordingTransport(clock)
        desk = channel(provider, clock)
        provider.plan(BUSY)
        message = desk.send(NUMBER, ANA, Text("Hola"))
        if closing == "time":
            clock.advance(DAY)
        else:
            desk.receive(provider.webhook(Inbound("IN2", NUMBER, (Address(ANA),), Text("STOP"))))
            clock.advance(timedelta(minutes=10))
        desk.tick()
        assert len([each for each in provider.handed if each.outgoing.message_id == message.id]) == 1, closing
        assert desk.message(message.id).status is DeliveryStatus.REFUSED


def test_the_pause_is_stored_and_spread_by_message() -> None:
    """Any worker finds the same due instant in the store; messages refused together do not come back together."""
    clock = FixedClock(NOW)
    provider = RecordingTransport(clock)
    store = MemoryStore()
    desk = Omnichannel(shop(), store=store, transport=provider, clock=clock, ids=CountingIds())
    people = [Address(f"+3460000001{n}") for n in range(5)]
    for n, person in enumerate(people):
        desk.receive(provider.webhook(Inbound(f"IN{n}", NUMBER, (person,), Text("Hola"))))
        provider.plan(Rejected(FAULTY, "", retryable=True))
        desk.send(NUMBER, person, Text("Hola"))
    entries = [e.value for e in store.select(DueEntries(NOW + DAY, NOW + DAY)) if e.value.kind == "send"]
    assert {entry.due - NOW for entry in entries} == {RETRY.pause(1, entry.subject) for entry in entries}
    assert len({entry.due for entry in entries}) == len(people)


def test_an_error_about_speed_that_a_callback_brings_stops_the_pair() -> None:
    """Peers case 25."""
    clock = FixedClock(NOW)
    provider = RecordingTransport(clock)
    desk = channel(provider, clock)
    message = desk.send(NUMBER, ANA, Text("Hola"))
    desk.receive(provider.webhook(StatusReport(message.sid or "", "failed", message.id, 63018, retryable=True)))
    assert desk.send(NUMBER, ANA, Text("Otra")).status is DeliveryStatus.PENDING
    assert len(provider.handed) == 1
