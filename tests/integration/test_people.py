"""One person, many addresses: phone numbers in several spellings, business-scoped user ids, and both at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_omnichannel import Agent, Number, Omnichannel, Presence, Queue, Rules, Status, Text, Workstream
from wa_omnichannel.adapters.memory import MemoryStore
from wa_omnichannel.addresses import Address
from wa_omnichannel.conversation import Contact
from wa_omnichannel.errors import Refused
from wa_omnichannel.machine import FixedClock
from wa_omnichannel.messages import Ambiguous, DeliveryStatus, Inbound, StatusReport
from wa_omnichannel.ports import alias_key, contact_key
from wa_omnichannel.session import WINDOW, closes_at
from wa_omnichannel.testing.fakes import RecordingTransport

NUMBER = Address("+14155550100")
OTHER = Address("+14155550101")
PHONE = Address("+34600000001")
USER = Address("ES.111")
NEW_USER = Address("ES.222")
START = datetime(2026, 3, 2, 9, tzinfo=UTC)

RULES = Rules(
    [Number(NUMBER, "Shop", "support"), Number(OTHER, "Returns", "support")],
    [Workstream("support", "general")],
    [Queue("general")],
)


class Desk(Omnichannel):
    """A channel whose customers write with any set of addresses."""

    def __init__(self, rules: Rules = RULES) -> None:
        self.store = MemoryStore()
        self.clock = FixedClock(START)
        self.provider = RecordingTransport(self.clock)
        self.count = 0
        super().__init__(rules, store=self.store, transport=self.provider, clock=self.clock)

    def hears(self, *addresses: Address, number: Address = NUMBER, after: timedelta = timedelta(minutes=1)) -> None:
        self.clock.advance(after)
        self.count += 1
        inbound = Inbound(f"IN{self.count}", number, addresses, Text(f"message {self.count}"))
        assert self.receive(self.provider.webhook(inbound)).status == 200

    def answered(self) -> list[Address]:
        """Return where our messages went, in order."""
        return [handed.outgoing.to for handed in self.provider.handed]

    def contact_of(self, address: Address) -> Contact:
        rows = self.store.load([alias_key("default", address)])
        contact = str(rows[alias_key("default", address)].value)
        found = self.store.load([contact_key(contact)])[contact_key(contact)].value
        assert isinstance(found, Contact)
        return found

    def live(self) -> list[str]:
        return [each.conversation.id for each in self.conversations() if each.conversation.status is not Status.CLOSED]

    def texts(self, conversation: str) -> list[str]:
        return [message.content.body for message in self.messages(conversation) if isinstance(message.content, Text)]


def test_a_user_id_beside_a_known_phone_number_is_learnt() -> None:
    desk = Desk()
    desk.hears(PHONE)
    desk.hears(PHONE, USER)
    desk.hears(USER)
    assert len(desk.live()) == 1
    assert desk.contact_of(USER) == desk.contact_of(PHONE)
    assert set(desk.contact_of(USER).addresses) == {PHONE, USER}


def test_a_person_without_a_phone_number_is_served_and_answered() -> None:
    desk = Desk()
    desk.hears(USER)
    desk.reply(desk.live()[0], Text("Hello"))
    assert desk.answered()[0] == USER


@pytest.mark.parametrize(
    ("first", "second"),
    [("+5215512345678", "+525512345678"), ("+5491123456789", "+541123456789"), ("+5511987654321", "+551187654321")],
)
def test_another_spelling_of_a_number_is_the_same_person_and_is_never_rewritten(first: str, second: str) -> None:
    desk = Desk()
    desk.hears(Address(first))
    desk.hears(Address(second))
    assert len(desk.live()) == 1
    desk.reply(desk.live()[0], Text("Hola"))
    assert desk.answered()[0] == second


def test_peers_case_8_two_contacts_that_prove_to_be_one_person_are_merged_in_one_commit() -> None:
    desk = Desk()
    desk.put_agent(Agent("ana", "Ana", frozenset({"general"}), Presence.AVAILABLE, capacity=2))
    desk.hears(PHONE)
    (older,) = desk.live()
    desk.hears(USER)
    newer = desk.live()[0]
    desk.tick()
    assert desk.agents()[0].used == 2
    before = {desk.contact_of(PHONE).id, desk.contact_of(USER).id}

    desk.hears(PHONE, USER)

    assert desk.live() == [older]
    assert desk.agents()[0].used == 1
    person = desk.contact_of(PHONE)
    assert desk.contact_of(USER) == person
    assert set(person.addresses) == {PHONE, USER}
    (gone,) = before - {person.id}
    redirect = desk.store.load([contact_key(gone)])[contact_key(gone)].value
    assert isinstance(redirect, Contact)
    assert redirect.merged_into == person.id
    closed = [happening.event.facts for happening in desk.events() if happening.event.kind == "conversation_closed"]
    assert closed == [{"conversation": newer, "by": "merged", "into": older}]
    assert desk.texts(older) == ["message 1", "message 3"]
    assert desk.texts(newer) == ["message 2"]


def test_the_older_conversation_stays_even_if_it_is_the_other_contacts() -> None:
    desk = Desk()
    desk.hears(PHONE)
    first = desk.live()[0]
    desk.hears(USER)
    second = desk.live()[0]
    desk.close(first)
    desk.hears(PHONE)
    desk.hears(PHONE, USER)
    assert desk.live() == [second]
    assert desk.texts(second) == ["message 2", "message 4"]
    desk.reply(second, Text("Still here"))
    assert desk.thread(second).live is not None


def test_the_window_of_a_merged_person_is_the_later_one() -> None:
    desk = Desk()
    desk.hears(PHONE)
    desk.hears(USER, after=timedelta(hours=10))
    last = desk.clock.now()
    desk.hears(PHONE, USER, number=OTHER)
    thread = desk.thread(desk.live()[-1])
    assert closes_at(thread.window) == last + WINDOW


def test_a_message_on_its_way_during_the_merge_still_finds_its_person() -> None:
    desk = Desk()
    desk.hears(PHONE)
    desk.hears(USER)
    sent = desk.reply(desk.live()[0], Text("to the user id"))
    desk.hears(PHONE, USER)
    report = StatusReport(sent.sid or "", "delivered", sent.id)
    assert desk.receive(desk.provider.webhook(report)).status == 200
    assert desk.message(sent.id).status is DeliveryStatus.DELIVERED


def test_a_number_that_was_given_to_somebody_else_is_a_new_contact() -> None:
    desk = Desk()
    desk.hears(PHONE, USER)
    old = desk.live()[0]
    desk.hears(PHONE, NEW_USER)
    assert len(desk.live()) == 2
    assert desk.contact_of(PHONE) == desk.contact_of(NEW_USER) != desk.contact_of(USER)
    desk.reply(old, Text("for the former owner"))
    assert desk.answered()[-1] == USER


def test_merging_recycled_numbers_is_a_policy() -> None:
    desk = Desk(attrs.evolve(RULES, merge_recycled_numbers=True))
    desk.hears(PHONE, USER)
    desk.hears(PHONE, NEW_USER)
    assert len(desk.live()) == 1


@given(
    st.lists(
        st.tuples(
            st.sets(st.sampled_from([PHONE, USER, Address("+5215512345678"), Address("+525512345678")]), min_size=1),
            st.sampled_from([NUMBER, OTHER]),
        ),
        max_size=6,
    )
)
def test_whatever_came_before_a_webhook_with_all_addresses_leaves_one_person(history: Any) -> None:
    everything = (PHONE, USER, Address("+5215512345678"))
    desk = Desk()
    desk.put_agent(Agent("ana", "Ana", frozenset({"general"}), Presence.AVAILABLE, capacity=9))
    for addresses, number in history:
        desk.hears(*sorted(addresses), number=number)
        desk.tick()
    for number in (NUMBER, OTHER):
        desk.hears(*everything, number=number)
        desk.tick()
    people = {desk.contact_of(address).id for address in everything}
    assert len(people) == 1
    live = [each for each in desk.conversations() if each.conversation.status is not Status.CLOSED]
    assert sorted(each.number for each in live) == [NUMBER, OTHER]
    assert {each.contact for each in live} == people
    held = [each for each in live if each.conversation.agent == "ana"]  # offers that were missed wait in the queue
    assert desk.agents()[0].used == len(held)
    texts = sorted(text for each in desk.conversations() for text in desk.texts(each.conversation.id))
    assert texts == sorted(f"message {n + 1}" for n in range(desk.count))
    assert desk.invariants() == ()


def test_a_reply_in_a_conversation_that_was_merged_away_is_refused() -> None:
    desk = Desk()
    desk.hears(PHONE)
    desk.hears(USER)
    newer = desk.live()[0]
    desk.hears(PHONE, USER)
    with pytest.raises(Refused) as refused:
        desk.reply(newer, Text("too late"))
    assert refused.value.reason == "conversation_closed"


def test_nothing_is_left_to_do_for_a_conversation_that_was_merged_away() -> None:
    """Its timers go with it; what was found missing in the agenda or too much in it would stand here."""
    desk = Desk()
    desk.hears(PHONE)
    desk.hears(USER)
    desk.hears(PHONE, USER)
    assert desk.invariants() == ()


def test_a_lost_answer_is_found_although_the_customer_writes_from_another_spelling_by_now() -> None:
    """Peers case 23: it is looked for under every address of the person, and not sent again."""
    desk = Desk()
    desk.hears(Address("+5215512345678"))
    desk.provider.plan(Ambiguous("timeout"), arrives=True)
    message = desk.reply(desk.live()[0], Text("Hola"))
    desk.hears(Address("+525512345678"), after=timedelta(seconds=1))
    for _ in range(10):
        desk.clock.advance(timedelta(seconds=6))
        desk.tick()
    assert len(desk.provider.handed) == 1
    assert desk.message(message.id).sid is not None
