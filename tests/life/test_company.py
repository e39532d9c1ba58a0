"""Several people at one conversation: advice, transfers to agents, supervisors."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest
from tests.support.desk import Desk
from tests.support.shop import NUMBER, shop
from tests.support.stage import FAULTS, Stage

from wa_omnichannel._flows import teaming
from wa_omnichannel.adapters.memory import AsyncMemoryStore
from wa_omnichannel.addresses import Address
from wa_omnichannel.automation import (
    CATALOGUE,
    AutoAssign,
    Automation,
    LifeRules,
    OfferSettings,
    Supervision,
    Transfers,
    Trigger,
)
from wa_omnichannel.conversation import Conversation, Status
from wa_omnichannel.errors import NotFound, Refused
from wa_omnichannel.messages import Inbound, Text
from wa_omnichannel.omnichannel import AsyncOmnichannel
from wa_omnichannel.rules import Rules
from wa_omnichannel.supervision import AssignTo, CloseAll, MoveTo, SayToAll
from wa_omnichannel.workforce import Agent, Presence

COUNTDOWN = timedelta(seconds=120)
OPEN_TO_ALL = Transfers(to_agents=True)


def rules(**life: Any) -> Rules:
    return attrs.evolve(shop(), life=attrs.evolve(LifeRules(transfers=OPEN_TO_ALL), **life))


def staffed(settings: Rules | None = None) -> tuple[Desk, str]:
    """Return a channel where ana holds the only conversation, and five others could."""
    desk = Desk(settings or rules())
    desk.hears("IN1")
    one = desk.latest().id
    desk.accept(one, "ana")
    for name in ("ben", "cid", "eva", "fay", "gil", "hal"):
        desk.put_agent(Agent(name, name.title(), frozenset({"all"}), Presence.AVAILABLE, 2))
    desk.put_agent(Agent("bill", "Bill", frozenset({"billing"}), Presence.AVAILABLE, 2))
    desk.put_agent(Agent("robot", "Robot", frozenset({"all"}), Presence.AVAILABLE, 2, bot=True))
    return desk, one


def staff(desk: Desk, name: str) -> Agent:
    return next(agent for agent in desk.agents() if agent.id == name)


def why(call: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        call()
    assert refused.value.explain("en") != refused.value.explain("es")
    return refused.value.reason


def kinds(desk: Desk, conversation: str) -> list[str]:
    return [happening.event.kind for happening in desk.timeline(conversation)]


# --- transfer to an agent ----------------------------------------------------------------------------------


def test_act_2_a_transfer_to_an_agent_needs_its_switch() -> None:
    desk, one = staffed(shop())
    assert why(lambda: desk.hand_over(one, "ben", agent="ana")) == "transfers_to_agents_off"
    assert desk.latest().agent == "ana"


def test_act_2_the_initiator_leaves_and_the_receiver_must_accept() -> None:
    desk, one = staffed()
    used, sessions = staff(desk, "ana").used, staff(desk, "ana").sessions
    offer = desk.hand_over(one, "ben", agent="ana")
    assert (offer.status, offer.agent, offer.accepted_at) == (Status.ACTIVE, "ben", None)
    assert (staff(desk, "ana").used, staff(desk, "ana").sessions) == (used - 1, sessions - 1)
    assert (staff(desk, "ben").used, staff(desk, "ben").sessions) == (1, 1)
    assert staff(desk, "ana").presence is Presence.AVAILABLE
    assert why(lambda: desk.reply(one, Text("?"), agent="ana")) == "not_your_conversation"
    taken = desk.accept(one, "ben")
    assert (taken.handed_by, taken.consultants, taken.joined) == ("", (), ())
    assert desk.reply(one, Text("Hola"), agent="ben").author == "ben"
    assert why(lambda: desk.hand_over(one, "cid", agent="ana")) == "not_your_conversation"


def test_act_2_the_receiver_may_reject_or_let_it_time_out() -> None:
    desk, one = staffed()
    desk.hand_over(one, "ben", agent="ana")
    desk.decline(one, "ben")
    assert desk.latest().status is Status.OPEN
    assert staff(desk, "ben").used == 0
    desk, one = staffed()
    desk.hand_over(one, "ben", agent="ana")
    desk.waits(COUNTDOWN)
    assert desk.latest().agent != "ben"
    assert [fact["agent"] for fact in desk.facts("offer_missed")] == ["ben"]


@pytest.mark.parametrize(
    ("target", "presence", "reason"),
    [
        ("ben", Presence.DO_NOT_DISTURB, "target_not_there"),
        ("ben", Presence.AWAY, "target_not_there"),
        ("ben", Presence.OFFLINE, "target_not_there"),
        ("robot", Presence.AVAILABLE, "target_not_a_colleague"),
        ("ana", Presence.BUSY, "target_not_a_colleague"),
    ],
)
def test_act_2_who_is_not_there_is_neither_listed_nor_chosen(target: str, presence: Presence, reason: str) -> None:
    desk, one = staffed()
    desk.set_presence(target, presence)
    assert target not in [agent.id for agent in desk.colleagues(one)]
    assert why(lambda: desk.hand_over(one, target, agent="ana")) == reason
    assert why(lambda: desk.consult(one, target, agent="ana")) == reason


def test_act_3_the_settings_narrow_the_targets_to_the_queue() -> None:
    desk, one = staffed()
    assert "bill" in [agent.id for agent in desk.colleagues(one)]
    desk, one = staffed(rules(transfers=Transfers(to_agents=True, same_queue=True)))
    assert [agent.id for agent in desk.colleagues(one)] == ["ben", "cid", "eva", "fay", "gil", "hal"]
    assert why(lambda: desk.hand_over(one, "bill", agent="ana")) == "target_of_another_queue"
    desk.close(one)
    assert desk.colleagues(one) == ()


def test_the_customer_is_told_who_goes_on_after_a_transfer_and_only_then() -> None:
    settings = rules(messages=Automation())
    desk, one = staffed(settings)
    joined = CATALOGUE[Trigger.AGENT_JOINED]["es"].replace("{AgentName}", "Ana Ruiz")
    desk.tick()
    assert desk.said()[-1] == joined
    desk.hand_over(one, "ben", agent="ana")
    desk.tick()
    assert desk.said()[-1] == joined
    desk.accept(one, "ben")
    desk.tick()
    taken = CATALOGUE[Trigger.TRANSFER_ACCEPTED]["es"]
    assert desk.said()[-1] == taken.replace("{AgentName}", "Ben")
    desk.transfer(one, "billing", agent="ben")
    desk.tick()
    desk.accept(one, desk.latest().agent or "bill")
    desk.tick()
    assert desk.said()[-1] != joined
    assert desk.said()[-1].endswith(taken.rpartition("}")[2])


def test_with_auto_assign_a_transfer_is_accepted_at_once() -> None:
    desk, one = staffed(rules(messages=Automation(), offers=OfferSettings(auto_assign=AutoAssign.AT_ONCE)))
    assert desk.hand_over(one, "ben", agent="ana").accepted_at == desk.clock.now()
    desk.tick()
    assert desk.said()[-1] == CATALOGUE[Trigger.TRANSFER_ACCEPTED]["es"].replace("{AgentName}", "Ben")


def test_hrs_5_a_conversation_that_is_not_active_is_not_transferred() -> None:
    desk, one = staffed()
    desk.park(one, agent="ana")
    assert why(lambda: desk.hand_over(one, "ben", agent="ana")) == "not_your_conversation"
    desk.close(one)
    assert why(lambda: desk.hand_over(one, "ben", agent="ana")) == "not_possible_now"
    with pytest.raises(NotFound):
        desk.hand_over(one, "nobody", agent="ana")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_transfer_happens_once_whatever_breaks(fault: str) -> None:
    def story(stage: Stage) -> None:
        stage.insist(stage.hires)
        stage.insist(stage.hears)
        stage.works()
        stage.insist(stage.accepts)
        stage.insist(lambda: stage.hires("ben"))
        one = stage.conversation.id
        stage.insist(lambda: teaming.hand_over(stage.rules, one, "ben", "ana", "", "transfer"))
        stage.insist(lambda: stage.accepts("ben"))

    kind, break_it = FAULTS[fault]
    whole = Stage(rules())
    story(whole)
    for place, step in enumerate(whole.steps):
        if isinstance(step, kind):
            stage = Stage(rules())
            stage.planted = (place, break_it)
            story(stage)
            assert stage.conversation.agent == "ben"
            assert stage.kinds().count("handed_over") == 1
            assert {agent.id: (agent.used, agent.sessions) for agent in stage.desk.agents()} == {
                "ana": (0, 0),
                "ben": (1, 1),
            }


# --- advice ------------------------------------------------------------------------------------------------


def test_act_1_only_who_holds_a_conversation_asks_for_advice_and_lets_others_in() -> None:
    desk, one = staffed()
    assert why(lambda: desk.consult(one, "cid", agent="ben")) == "not_your_conversation"
    assert desk.consult(one, "ben", agent="ana").consultants == ("ben",)
    assert desk.consult(one, "ben", agent="ana").consultants == ("ben",)
    assert why(lambda: desk.reply(one, Text("Hola"), agent="ben")) == "not_your_conversation"
    assert why(lambda: desk.add_consultant(one, "ben", agent="cid")) == "not_your_conversation"
    assert why(lambda: desk.add_consultant(one, "cid", agent="ana")) == "not_consulted"
    assert desk.add_consultant(one, "ben", agent="ana").joined == ("ben",)
    assert "agent_joined_customer_conversation" in kinds(desk, one)
    assert desk.reply(one, Text("Hola"), agent="ben").author == "ben"
    assert why(lambda: desk.end_consult(one, "ben", by="cid")) == "not_your_conversation"
    after = desk.end_consult(one, "ben", by="ben")
    assert (after.consultants, after.joined, after.agent) == ((), (), "ana")
    assert why(lambda: desk.end_consult(one, "ben", by="ana")) == "not_consulted"


def test_act_1_five_are_asked_at_most_and_none_loses_capacity() -> None:
    desk, one = staffed()
    for name in ("ben", "cid", "eva", "fay", "gil"):
        desk.consult(one, name, agent="ana")
    assert why(lambda: desk.consult(one, "hal", agent="ana")) == "too_many_consultants"
    assert staff(desk, "ben").used == 0


def test_act_6_what_consultants_say_among_themselves_never_leaves() -> None:
    desk, one = staffed()
    desk.consult(one, "ben", agent="ana")
    desk.note(one, "¿Qué le digo?", by="ana")
    desk.note(one, "Ofrézcale un descuento.", by="ben")
    desk.tick()
    assert desk.said() == []
    assert [message.author for message in desk.messages(one)] == ["customer"]
    assert [fact["by"] for fact in desk.facts("note_added")] == ["ana", "ben"]


@pytest.mark.parametrize("leave", ["park", "transfer", "close"])
def test_consultants_are_gone_when_the_conversation_is_left(leave: str) -> None:
    desk, one = staffed()
    desk.consult(one, "ben", agent="ana")
    desk.add_consultant(one, "ben", agent="ana")
    {
        "park": lambda: desk.park(one, agent="ana"),
        "transfer": lambda: desk.transfer(one, "billing", agent="ana"),
        "close": lambda: desk.close(one, agent="ana"),
    }[leave]()
    with pytest.raises(Refused):
        desk.reply(one, Text("Hola"), agent="ben")


# --- supervisors -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["monitor", "assign", "transfer", "force_close"])
def test_9_8_each_action_of_supervisors_has_its_switch(what: str) -> None:
    settings = rules(supervision=attrs.evolve(Supervision(), **{what: False}))
    desk, one = staffed(settings)
    calls: dict[str, Callable[[], object]] = {
        "monitor": lambda: desk.monitor(one, by="sue"),
        "assign": lambda: desk.assign(one, "ben", by="sue"),
        "transfer": lambda: desk.hand_over(one, "ben", by="sue"),
        "force_close": lambda: desk.force_close(one, by="sue"),
    }
    assert why(calls[what]) == "supervisors_may_not"
    assert desk.latest().agent == "ana"


def test_9_8_monitoring_is_for_active_or_wrap_up_and_not_ones_own_and_may_join() -> None:
    desk, one = staffed()
    assert why(lambda: desk.monitor(one, by="ana")) == "own_conversation"
    desk.monitor(one, by="sue")
    assert why(lambda: desk.reply(one, Text("Hola"), agent="ben")) == "not_your_conversation"
    assert desk.monitor(one, by="ben", join=True).joined == ("ben",)
    assert desk.reply(one, Text("Hola"), agent="ben").author == "ben"
    assert kinds(desk, one).count("monitored") == 2
    desk.end(one, agent="ana")
    desk.monitor(one, by="sue")
    desk.close(one)
    assert why(lambda: desk.monitor(one, by="sue")) == "not_possible_now"
    open_ = Desk(rules())
    open_.set_presence("ana", Presence.OFFLINE)
    open_.hears("IN1")
    assert why(lambda: open_.monitor(open_.latest().id, by="sue")) == "not_possible_now"


def test_acl_2_monitoring_and_advice_restart_the_clock() -> None:
    desk, one = staffed()
    limit = timedelta(days=30)
    assert LifeRules().limits.active == limit
    desk.clock.advance(limit - COUNTDOWN)
    desk.monitor(one, by="sue")
    desk.waits(COUNTDOWN * 2)
    assert desk.latest().status is Status.ACTIVE
    desk.clock.advance(limit - COUNTDOWN * 4)
    desk.set_presence("ben", Presence.AVAILABLE)
    desk.consult(one, "ben", agent="ana")
    desk.waits(COUNTDOWN * 4)
    assert desk.latest().status is Status.ACTIVE
    desk.waits(limit)
    assert desk.latest().status is Status.CLOSED


def test_9_8_assigning_is_for_open_conversations_and_overrides_capacity() -> None:
    desk, one = staffed()
    assert why(lambda: desk.assign(one, "ben", by="sue")) == "not_possible_now"
    desk.set_presence("ben", Presence.OFFLINE)
    everybody = [agent for agent in desk.agents() if agent.id != "ben"]
    for agent in everybody:
        desk.set_presence(agent.id, Presence.OFFLINE)
    desk.transfer(one, "all", agent="ana")
    desk.tick()
    desk.put_agent(Agent("ben", "Ben", frozenset({"all"}), Presence.OFFLINE, 0))
    assert desk.assign(one, "ben", by="sue").agent == "ben"
    assert staff(desk, "ben").free == -1


def test_9_8_a_supervisor_transfers_active_and_waiting_ones_inside_the_queue() -> None:
    desk, one = staffed()
    assert why(lambda: desk.hand_over(one, "bill", by="sue")) == "target_of_another_queue"
    assert why(lambda: desk.hand_over(one, "robot", by="sue")) == "target_not_a_colleague"
    moved = desk.hand_over(one, "ben", by="sue")
    assert (moved.agent, moved.consultants, moved.joined) == ("ben", ("ana",), ("ana",))
    assert desk.reply(one, Text("Le paso con Ben."), agent="ana").author == "ana"  # until the other one accepts
    assert desk.accept(one, "ben").joined == ()
    assert why(lambda: desk.reply(one, Text("?"), agent="ana")) == "not_your_conversation"
    desk.park(one, agent="ben")
    assert desk.hand_over(one, "cid", by="sue").agent == "cid"
    assert staff(desk, "cid").used == 1
    desk.set_presence("eva", Presence.AWAY)
    assert why(lambda: desk.hand_over(one, "eva", by="sue")) == "target_not_there"


@pytest.mark.parametrize("status", [Status.OPEN, Status.ACTIVE, Status.WAITING, Status.WRAP_UP])
def test_9_8_force_close_closes_in_any_state_and_names_who_takes_part(status: Status) -> None:
    desk, one = staffed()
    if status is Status.ACTIVE:
        desk.consult(one, "ben", agent="ana")
    if status is Status.OPEN:
        for agent in desk.agents():
            desk.set_presence(agent.id, Presence.OFFLINE)
        desk.transfer(one, "all", agent="ana")
    if status is Status.WAITING:
        desk.park(one, agent="ana")
    if status is Status.WRAP_UP:
        desk.end(one, agent="ana")
    assert desk.latest().status is status
    assert desk.force_close(one, by="sue").status is Status.CLOSED
    (told,) = desk.facts("force_closed")
    expected = {Status.ACTIVE: ["ana", "ben"], Status.WRAP_UP: ["ana"]}
    assert (told["by"], list(told["told"])) == ("sue", expected.get(status, []))
    assert all(agent.used == 0 for agent in desk.agents())
    assert why(lambda: desk.force_close(one, by="sue")) == "not_possible_now"


# --- bulk --------------------------------------------------------------------------------------------------


def crowd(settings: Rules | None = None) -> tuple[Desk, list[Conversation]]:
    desk = Desk(settings or rules())
    desk.set_presence("ana", Presence.OFFLINE)
    for n in range(3):
        inbound = Inbound(f"C{n}", NUMBER, (Address(f"+3460000010{n}"),), Text("Hola"))
        desk.receive(desk.provider.webhook(inbound, desk.clock.now()))
    desk.tick()
    return desk, [listing.conversation for listing in desk.conversations()]


def test_9_8_in_bulk_each_conversation_is_done_or_not_on_its_own() -> None:
    desk, lives = crowd()
    ids = [live.id for live in lives]
    said = desk.in_bulk([*ids, "nothing"], SayToAll("Volvemos en una hora."), by="sue", request_id="b1")
    assert [result.problem is None for result in said] == [True, True, True, False]
    again = desk.in_bulk([*ids, "nothing"], SayToAll("Volvemos en una hora."), by="sue", request_id="b1")
    desk.tick()
    assert (len(desk.said()), len(again)) == (3, 4)
    moved = desk.in_bulk(ids, MoveTo("billing"), by="sue")
    assert all(result.problem is None for result in moved)
    assert {listing.conversation.queue for listing in desk.conversations()} == {"billing"}
    assert {fact["by"] for fact in desk.facts("transferred")} == {"sue"}
    assert isinstance(desk.in_bulk(ids[:1], MoveTo("nowhere"), by="sue")[0].problem, NotFound)
    desk.in_bulk(ids[:1], AssignTo("ana"), by="sue")
    given = desk.in_bulk(ids, AssignTo("ana"), by="sue")
    assert [result.problem is None for result in given] == [False, True, True]
    closed = desk.in_bulk(ids, CloseAll(), by="sue")
    assert all(result.problem is None for result in closed)
    assert staff(desk, "ana").used == 0


def test_9_8_in_bulk_the_24_hour_rule_counts_for_each() -> None:
    desk, lives = crowd()
    desk.clock.advance(timedelta(hours=25))
    results = desk.in_bulk([live.id for live in lives], SayToAll("Hola"), by="sue")
    assert {result.problem.reason for result in results if isinstance(result.problem, Refused)} == {"window_closed"}
    desk.tick()
    assert desk.said() == []


def test_9_8_at_most_1000_conversations_and_1000_characters() -> None:
    desk, lives = crowd()
    assert why(lambda: desk.in_bulk(map(str, range(1001)), CloseAll(), by="sue")) == "bulk_too_large"
    assert why(lambda: desk.in_bulk([lives[0].id], SayToAll("x" * 1001), by="sue")) == "bulk_text_too_long"
    assert len(desk.in_bulk(map(str, range(1000)), CloseAll(), by="sue")) == 1000


def test_the_same_for_coroutines() -> None:
    asyncio.run(coroutines())


async def coroutines() -> None:
    desk, one = staffed()
    other = AsyncOmnichannel(desk.rules, store=AsyncMemoryStore(desk.memory), transport=None, clock=desk.clock)
    assert "ben" in [agent.id for agent in await other.colleagues(one)]
    await other.consult(one, "ben", agent="ana")
    await other.add_consultant(one, "ben", agent="ana")
    await other.end_consult(one, "ben", by="ana")
    await other.monitor(one, by="sue")
    assert (await other.hand_over(one, "ben", agent="ana")).agent == "ben"
    assert (await other.force_close(one, by="sue")).status is Status.CLOSED
    assert (await other.in_bulk([one], CloseAll(), by="sue"))[0].problem is not None
