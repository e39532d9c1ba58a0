"""Bulk waits for people, but not for ever."""

from datetime import timedelta

from tests.support.shop import NOW, NUMBER, shop

from wa_omnichannel import Omnichannel, Text
from wa_omnichannel.adapters.memory import MemoryStore
from wa_omnichannel.addresses import Address
from wa_omnichannel.machine import CountingIds, FixedClock
from wa_omnichannel.messages import DeliveryStatus, Inbound, NotSent
from wa_omnichannel.ports import BEHIND
from wa_omnichannel.testing.fakes import RecordingTransport

PEOPLE = [Address(f"+3460000{n:04d}") for n in range(30)]


def test_an_answer_overtakes_bulk_and_bulk_is_never_starved() -> None:
    clock = FixedClock(NOW)
    provider = RecordingTransport(clock)
    desk = Omnichannel(shop(), store=MemoryStore(), transport=provider, clock=clock, ids=CountingIds())
    for n, person in enumerate(PEOPLE):
        desk.receive(provider.webhook(Inbound(f"IN{n}", NUMBER, (person,), Text("Hola"))))
    desk.tick()
    bulk = [desk.send(NUMBER, person, Text("Oferta"), bulk=True).id for person in PEOPLE[:20]]
    assert not provider.handed
    provider.plan(NotSent("provider_unreachable"))
    answer = desk.send(NUMBER, PEOPLE[20], Text("Respuesta")).id
    clock.advance(timedelta(seconds=10))
    desk.tick(1)
    assert [each.outgoing.message_id for each in provider.handed] == [answer, answer]
    clock.advance(BEHIND)
    provider.plan(NotSent("provider_unreachable"))
    late = desk.send(NUMBER, PEOPLE[21], Text("Respuesta")).id
    clock.advance(timedelta(seconds=10))
    desk.tick(20)
    assert {each.outgoing.message_id for each in provider.handed[3:]} == set(bulk)
    desk.tick()
    assert desk.message(late).status is DeliveryStatus.QUEUED
