"""Consent in a running channel: from outside, by message, against races."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from wa_omnichannel import (
    Approval,
    AsyncOmnichannel,
    Category,
    Number,
    Omnichannel,
    Queue,
    Refused,
    Rules,
    Template,
    TemplateMessage,
    Translation,
    Workstream,
)
from wa_omnichannel.adapters.memory import AsyncMemoryStore, MemoryStore
from wa_omnichannel.addresses import Address
from wa_omnichannel.consent import UNKNOWN, Scope, Statement
from wa_omnichannel.consent.rows import export_rows
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.machine import CountingIds, FixedClock
from wa_omnichannel.messages import DeliveryStatus, Inbound, Text
from wa_omnichannel.ports import Changes
from wa_omnichannel.testing.fakes import RecordingTransport

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = T0 + timedelta(hours=1)
ONE, TWO = Address("+14155550100"), Address("+14155550101")
ANA = Address("+34600000001")
OFFER = TemplateMessage("oferta")
RULES = Rules(
    [Number(ONE, "Shop", "main", "es"), Number(TWO, "Help", "main", "es")],
    [Workstream("main", "all", consent_required=True)],
    [Queue("all")],
    [Template("oferta", (Translation("es", "Hola", Approval.APPROVED, "HX" + "0" * 32),), "es", Category.MARKETING)],
)
AGREED = Statement(Scope.EVERYTHING, True, T0, "web form")
STOP = Statement(Scope.EVERYTHING, False, LATER, "call centre")


class Interrupted(MemoryStore):
    """A store in which something happens between the loading and the n-th commit of somebody else."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[Callable[[], object] | None] = []

    def commit(self, changes: Changes) -> None:
        happens = self.waiting.pop(0) if self.waiting else None
        if happens is not None:
            happens()
        super().commit(changes)


def desk_with(store: MemoryStore | None = None) -> tuple[Omnichannel, RecordingTransport]:
    clock = FixedClock(LATER)
    provider = RecordingTransport(clock)
    return Omnichannel(
        RULES, store=store or MemoryStore(), transport=provider, clock=clock, ids=CountingIds()
    ), provider


def writes(desk: Omnichannel, provider: RecordingTransport, text: str, number: Address = ONE) -> None:
    desk.receive(provider.webhook(Inbound(f"SM {text} {number}", number, (ANA,), Text(text))))


def reason(desk: Omnichannel, number: Address = ONE) -> str | None:
    verdict = desk.can_send(number, ANA, OFFER)
    return verdict.reason if isinstance(verdict, Refused) else None


def test_an_opt_in_before_the_first_message_counts_from_then_on() -> None:
    desk, provider = desk_with()
    assert (desk.consent(ANA), reason(desk)) == (UNKNOWN, "consent_missing")
    with pytest.raises(Refused, match="has not agreed"):
        desk.send(ONE, ANA, OFFER)
    assert desk.record_consent(ANA, AGREED).everything == AGREED
    assert reason(desk) is None
    desk.send(ONE, ANA, OFFER)
    assert len(provider.handed) == 1
    writes(desk, provider, "Baja")
    assert (reason(desk), reason(desk, TWO)) == ("opted_out", "opted_out")
    assert [row["state"] for row in export_rows(ANA, desk.consent(ANA))] == ["out"]


def test_the_contact_made_for_an_opt_in_is_the_one_who_writes_later() -> None:
    desk, provider = desk_with()
    desk.record_consent(ANA, AGREED)
    writes(desk, provider, "Hola")
    assert desk.consent(ANA).everything == AGREED
    assert next(found.event.kind for found in desk.events()) == "consent_recorded"
    position = desk.events()[-1].position
    desk.record_consent(ANA, AGREED)
    assert desk.events(position) == ()


def test_rows_are_imported_and_bad_ones_named() -> None:
    desk, _ = desk_with()
    rows = [*export_rows(ANA, desk.consent(ANA)), {"address": ANA, "scope": "everything", "state": "in", "at": "soon"}]
    rows.append({"address": ANA, "scope": "everything", "state": "in", "at": T0.isoformat(), "source": "import"})
    assert [(fault.line, fault.error.field) for fault in desk.import_consent(rows)] == [(1, "source")]
    assert reason(desk) is None


def test_the_consent_of_everybody_comes_back_from_an_export() -> None:
    """With instants and sources, blocks included; whoever said nothing has no row."""
    desk, _ = desk_with()
    desk.record_consent(ANA, AGREED)
    desk.record_consent(ANA, STOP)
    ben = Address("+34600000002")
    block = {"address": ben, "scope": "block", "at": T0.isoformat(), "source": "provider: 63014", "number": ONE}
    assert desk.import_consent([block]) == ()
    desk.import_consent(export_rows(Address("+34600000003"), UNKNOWN))
    rows = desk.export_consent()
    other, _ = desk_with()
    assert other.import_consent(rows) == ()
    assert {each: other.consent(each) for each in (ANA, ben)} == {each: desk.consent(each) for each in (ANA, ben)}
    assert {row["address"] for row in rows} == {ANA, ben}
    assert all(row["at"] and row["source"] for row in rows)
    assert sorted(map(str, other.export_consent())) == sorted(map(str, rows))


def test_an_address_that_is_none_is_named() -> None:
    with pytest.raises(InvalidValue, match="to"):
        desk_with()[0].record_consent("call me", AGREED)


@pytest.mark.parametrize("before", range(2))
def test_a_stop_in_another_thread_wins_the_race_against_a_send(before: int) -> None:
    """The stop arrives on the other number, between the decision and the commit of the send."""
    store = Interrupted()
    desk, provider = desk_with(store)
    desk.record_consent(ANA, AGREED)
    writes(desk, provider, "Hola", TWO)
    store.waiting = [*[None] * before, lambda: writes(desk, provider, "STOP", TWO)]
    if before:
        message = desk.send(ONE, ANA, OFFER)
        desk.tick()
        assert desk.message(message.id).status is DeliveryStatus.REFUSED
    else:
        with pytest.raises(Refused) as caught:
            desk.send(ONE, ANA, OFFER)
        assert caught.value.reason == "opted_out"
    assert provider.handed == []


def test_coroutines_do_the_same() -> None:
    async def story() -> None:
        desk = AsyncOmnichannel(RULES, store=AsyncMemoryStore(), transport=None, clock=FixedClock(LATER))
        assert await desk.consent(ANA) == UNKNOWN
        await desk.record_consent(ANA, AGREED)
        rows = export_rows(ANA, await desk.consent(ANA))
        assert await desk.import_consent(rows) == ()
        await desk.record_consent(ANA, STOP)
        verdict = await desk.can_send(ONE, ANA, OFFER)
        assert isinstance(verdict, Refused)
        assert verdict.reason == "opted_out"

    asyncio.run(story())
