"""Rates and halts on real sends: every worker on the store keeps them, and no message is lost to them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest
from tests.support.shop import NOW, NUMBER, shop

from wa_omnichannel import Omnichannel, Text
from wa_omnichannel.adapters.memory import MemoryStore
from wa_omnichannel.addresses import Address
from wa_omnichannel.machine import CountingIds, FixedClock
from wa_omnichannel.messages import DeliveryStatus, Inbound, NotSent, Rejected
from wa_omnichannel.pacing import Rate
from wa_omnichannel.sending import Allowed
from wa_omnichannel.testing.fakes import RecordingTransport

SLOW = Rate(timedelta(seconds=1), burst=2)
PEOPLE = [Address(f"+3460000{n:04d}") for n in range(6)]


class Stage:
    """Two workers on one store."""

    def __init__(self, **rates: Any) -> None:
        self.clock = FixedClock(NOW)
        self.provider = RecordingTransport(self.clock)
        self.store = MemoryStore()
        rules = attrs.evolve(shop(), **rates)
        self.workers = [
            Omnichannel(rules, store=self.store, transport=self.provider, clock=self.clock, ids=ids)
            for ids in (CountingIds("a"), CountingIds("b"))
        ]
        for n, person in enumerate(PEOPLE):
            self.workers[0].receive(self.provider.webhook(Inbound(f"SM{n}", NUMBER, (person,), Text("Hola"))))

    def send(self, worker: int, to: Address) -> str:
        return self.workers[worker].send(NUMBER, to, Text("Hola")).id

    def pass_time(self, seconds: float) -> None:
        """Let time pass in steps, both workers ticking at each."""
        for _ in range(int(seconds * 4)):
            self.clock.advance(timedelta(seconds=0.25))
            for worker in self.workers:
                worker.tick()

    @property
    def times(self) -> list[datetime]:
        """When each message was handed over."""
        return [each.at for each in self.provider.handed]

    def statuses(self, ids: list[str]) -> set[DeliveryStatus]:
        return {self.workers[0].message(each).status for each in ids}


def most_within(times: list[datetime], span: timedelta) -> int:
    return max(sum(1 for other in times if at <= other < at + span) for at in times)


def test_two_workers_together_keep_the_rate_of_a_number() -> None:
    """Peers case 25: the pace is one stored instant, so it does not matter who sends."""
    stage = Stage(sender_rate=SLOW)
    ids = [stage.send(n % 2, person) for n, person in enumerate(PEOPLE)]
    assert len(stage.times) == SLOW.burst
    stage.pass_time(10)
    assert len(stage.times) == len(PEOPLE)
    assert stage.statuses(ids) == {DeliveryStatus.QUEUED}
    assert most_within(stage.times, timedelta(seconds=1)) <= SLOW.burst + 1
    assert stage.times[-1] == NOW + timedelta(seconds=len(PEOPLE) - SLOW.burst)


def test_messages_to_one_customer_keep_the_rate_of_the_pair_and_their_order() -> None:
    stage = Stage(pair_rate=SLOW)
    ids = [stage.send(n % 2, PEOPLE[0]) for n in range(5)]
    other = stage.send(0, PEOPLE[1])
    assert len(stage.times) == SLOW.burst + 1
    assert stage.statuses([other]) == {DeliveryStatus.QUEUED}
    stage.pass_time(10)
    handed = [each.outgoing.message_id for each in stage.provider.handed if each.outgoing.to == PEOPLE[0]]
    assert handed == ids


@pytest.mark.parametrize(
    "answer", [NotSent("too_many_requests"), NotSent("too_many_requests", timedelta(seconds=7))], ids=["bare", "7 s"]
)
def test_a_halt_of_one_worker_is_honoured_by_the_other(answer: NotSent) -> None:
    """Peers cases 24 and 25: 429 stops the number for everybody, as long as Retry-After says."""
    stage = Stage()
    stage.provider.plan(answer)
    first = stage.send(0, PEOPLE[0])
    second = stage.send(1, PEOPLE[1])
    assert stage.statuses([first, second]) == {DeliveryStatus.PENDING}
    assert stage.times == [NOW]
    stage.pass_time(20)
    assert stage.statuses([first, second]) == {DeliveryStatus.QUEUED}
    if answer.retry_after is not None:
        assert min(stage.times[1:]) >= NOW + answer.retry_after


def test_a_full_queue_at_the_provider_stops_the_number_and_63018_first_the_pair() -> None:
    """Peers case 24."""
    stage = Stage()
    stage.provider.plan(Rejected(63018, "Rate limit exceeded", retryable=True))
    stage.send(0, PEOPLE[0])
    stage.send(1, PEOPLE[0])
    other = stage.send(0, PEOPLE[1])
    assert len(stage.times) == 2
    assert stage.statuses([other]) == {DeliveryStatus.QUEUED}
    stage.provider.plan(Rejected(21611, "Queue full", retryable=True))
    stage.send(0, PEOPLE[2])
    waiting = stage.send(1, PEOPLE[3])
    assert len(stage.times) == 3
    assert stage.statuses([waiting]) == {DeliveryStatus.PENDING}


def test_nothing_that_fails_for_another_reason_stops_anybody() -> None:
    stage = Stage()
    stage.provider.plan(Rejected(63024, "Not on WhatsApp"))
    stage.provider.plan(NotSent("provider_unreachable"))
    stage.send(0, PEOPLE[0])
    stage.send(0, PEOPLE[1])
    assert stage.statuses([stage.send(1, PEOPLE[2])]) == {DeliveryStatus.QUEUED}


def test_whoever_asks_is_told_from_when_on_a_message_leaves() -> None:
    """The verdict, and the timeline of an accepted message, name the rate that is kept."""
    stage = Stage(sender_rate=Rate(timedelta(seconds=10)), pair_rate=Rate(timedelta(seconds=60)))
    ana, ben = PEOPLE[:2]
    before = stage.workers[0].can_send(NUMBER, ana, Text("Hola"))
    assert isinstance(before, Allowed)
    assert before.not_before is None
    stage.send(0, ana)
    for to, seconds, rate in ((ben, 10, "WA-SENDER-RATE"), (ana, 60, "WA-PAIR-RATE")):
        verdict = stage.workers[1].can_send(NUMBER, to, Text("Hola"))
        assert isinstance(verdict, Allowed)
        assert verdict.not_before == NOW + timedelta(seconds=seconds)
        waits = {check.rule for check in verdict.trace if check.code == "rate_waits"}
        assert rate in waits
    waiting = stage.send(1, ben)
    accepted = [h.event for h in stage.workers[0].events(limit=1000) if h.event.facts.get("message") == waiting]
    assert [check.facts["free_at"] for check in accepted[0].trace if check.code == "rate_waits"] == [
        NOW + timedelta(seconds=10)
    ]
    stage.pass_time(10)
    assert stage.times[-1] == NOW + timedelta(seconds=10)


def test_a_halt_of_the_provider_is_told_too() -> None:
    stage = Stage()
    stage.provider.plan(NotSent("busy", timedelta(minutes=5)))
    stage.send(0, PEOPLE[0])
    verdict = stage.workers[1].can_send(NUMBER, PEOPLE[1], Text("Hola"))
    assert isinstance(verdict, Allowed)
    assert verdict.not_before == NOW + timedelta(minutes=5)
    assert "12:05" in verdict.trace[-1].sentence("es")
