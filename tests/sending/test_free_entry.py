"""The free entry point: tracked from the referral and the answer; about price, never about permission."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.shop import ANA, NOW, NUMBER, shop
from tests.support.stage import Stage

from wa_omnichannel import free_entry
from wa_omnichannel.errors import InvalidValue, NeedsTemplate
from wa_omnichannel.free_entry import ANSWER_WITHIN, FREE_FOR, FreeEntry, answer, free_until, is_free, merge, refer
from wa_omnichannel.messages import Ambiguous, Inbound, Text
from wa_omnichannel.testing import strategies as wa

TICK = timedelta(microseconds=1)
ENTRIES = st.builds(FreeEntry, wa.instants(), st.sampled_from(("a", "b")), st.none() | wa.instants())


def test_72_hours_from_an_answer_within_24_hours() -> None:
    came = refer(None, NOW, "ad")
    assert free_until(came) is None
    assert free_until(answer(came, NOW + ANSWER_WITHIN)) is None
    answered = answer(came, NOW + ANSWER_WITHIN - TICK)
    end = NOW + ANSWER_WITHIN - TICK + FREE_FOR
    assert free_until(answered) == end
    assert (is_free(answered, end - TICK), is_free(answered, end)) == (True, False)
    assert is_free(answered, end, timedelta(days=7))
    assert not is_free(None, NOW)


@given(st.permutations([(NOW, "a"), (NOW + timedelta(hours=1), "b"), (NOW + timedelta(days=2), "c")]))
def test_the_latest_referral_counts_in_whatever_order_they_arrive(history: Sequence[tuple[datetime, str]]) -> None:
    entry = reduce(lambda known, each: refer(known, *each), history, refer(None, *history[0]))
    assert entry == FreeEntry(NOW + timedelta(days=2), "c")


@given(ENTRIES, wa.instants(), wa.instants())
def test_the_first_answer_counts_in_whatever_order_they_are_known(
    entry: FreeEntry, one: datetime, two: datetime
) -> None:
    assert answer(answer(entry, one), two) == answer(answer(entry, two), one)


@given(ENTRIES, ENTRIES)
def test_merging_is_symmetric_and_keeps_the_later_referral(one: FreeEntry, other: FreeEntry) -> None:
    both = merge(one, other)
    assert both is not None
    assert both.referred_at == max(one.referred_at, other.referred_at)
    if (one.referred_at, one.source) != (other.referred_at, other.source):
        assert both == merge(other, one)
    assert merge(None, one) == merge(one, None) == one


def test_naive_instants_are_refused() -> None:
    with pytest.raises(InvalidValue, match="referred_at"):
        FreeEntry(datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(InvalidValue, match="now"):
        is_free(FreeEntry(NOW, "", NOW), datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_customer_from_an_advertisement_is_noted_and_permits_nothing() -> None:
    """72 hours free of charge; the window is over after 24 all the same."""
    made = Stage(shop())
    referred = Inbound("IN1", NUMBER, (ANA,), Text("Hola"), referral={"source_id": "ad 7", "headline": "Ofertas"})
    made.desk.receive(made.provider.webhook(referred, NOW))
    made.clock.advance(timedelta(hours=1))
    made.desk.reply(made.conversation.id, Text("Hola"))
    known = made.desk.thread(made.conversation.id).free_entry
    assert known == FreeEntry(NOW, "ad 7", NOW + timedelta(hours=1))
    assert "referred" in made.kinds()
    made.clock.advance(timedelta(hours=24))
    assert free_entry.is_free(known, made.clock.now())
    with pytest.raises(NeedsTemplate):
        made.desk.reply(made.conversation.id, Text("Hola"))


@pytest.mark.parametrize("learned", ["callback", "list"])
def test_an_answer_whose_receipt_was_lost_counts_as_an_answer(learned: str) -> None:
    made = Stage(shop())
    made.desk.receive(
        made.provider.webhook(Inbound("IN1", NUMBER, (ANA,), Text("Hola"), referral={"source_id": "ad 7"}), NOW)
    )
    made.provider.plan(Ambiguous("timeout"), arrives=True)
    message = made.desk.reply(made.conversation.id, Text("Hola"))
    if learned == "callback":
        made.play(made.reports(str(made.provider.arrived[0].sid), "delivered", message.id))
    else:
        made.settle()
    assert made.message(message.id).sid
    assert made.desk.thread(made.conversation.id).free_entry == FreeEntry(NOW, "ad 7", NOW)


def test_a_message_that_failed_is_no_answer() -> None:
    made = Stage(shop())
    made.desk.receive(
        made.provider.webhook(Inbound("IN1", NUMBER, (ANA,), Text("Hola"), referral={"source_id": "ad 7"}), NOW)
    )
    made.provider.plan(Ambiguous("timeout"), arrives=True)
    message = made.desk.reply(made.conversation.id, Text("Hola"))
    made.play(made.reports(str(made.provider.arrived[0].sid), "undelivered", message.id, 30008))
    assert made.desk.thread(made.conversation.id).free_entry == FreeEntry(NOW, "ad 7")
