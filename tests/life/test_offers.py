"""Offers with a countdown, and agents who are there or not."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest
from tests.support.desk import Desk
from tests.support.shop import NOW, NUMBER, shop
from tests.support.stage import FAULTS, Stage

from wa_omnichannel._flows import connections
from wa_omnichannel.addresses import Address
from wa_omnichannel.automation import (
    CATALOGUE,
    AutoAssign,
    Automation,
    LifeRules,
    OfferSettings,
    Trigger,
)
from wa_omnichannel.conversation import Conversation, Status
from wa_omnichannel.errors import InvalidValue, NotFound, Refused
from wa_omnichannel.messages import Inbound, Text
from wa_omnichannel.rules import Rules
from wa_omnichannel.workforce import RETURN_TIME, Agent, OfferRules, Presence

SECOND = timedelta(seconds=1)
COUNTDOWN = timedelta(seconds=120)
LEASE = OfferSettings().lease


def offering(**settings: object) -> Rules:
    return attrs.evolve(shop(), life=LifeRules(offers=OfferSettings(**settings)))  # type: ignore[arg-type]


def offered(rules: Rules | None = None) -> Desk:
    desk = Desk(rules or shop())
    desk.hears("IN1")
    assert desk.latest().agent == "ana"
    return desk


def ben(desk: Desk) -> None:
    desk.put_agent(Agent("ben", "Ben", frozenset({"all"}), Presence.AVAILABLE, 1))


def presence(desk: Desk, agent: str = "ana") -> Presence:
    return next(known.presence for known in desk.agents() if known.id == agent)


# --- countdown ---------------------------------------------------------------------------------------------


def test_not_1_an_offer_that_is_not_answered_in_two_minutes_goes_to_somebody_else() -> None:
    """NOT-5: who missed it is inactive until somebody resets it."""
    desk = offered()
    ben(desk)
    assert desk.latest().offered_until == NOW + COUNTDOWN
    desk.waits(COUNTDOWN - SECOND)
    assert desk.latest().agent == "ana"
    desk.waits(SECOND)
    assert (desk.latest().agent, presence(desk)) == ("ben", Presence.INACTIVE)
    assert [fact["agent"] for fact in desk.facts("offer_missed")] == ["ana"]
    desk.set_presence("ana", Presence.AVAILABLE)
    assert presence(desk) is Presence.AVAILABLE


def test_not_5_missing_and_rejecting_leave_the_presence_alone_where_that_is_switched_off() -> None:
    rules = attrs.evolve(shop(), offers=OfferRules(missed_makes_inactive=False, rejected_makes_busy=True))
    desk = offered(rules)
    desk.waits(COUNTDOWN)
    assert presence(desk) is Presence.AVAILABLE or presence(desk) is Presence.BUSY
    desk.decline(desk.latest().id, "ana")
    assert presence(desk) is Presence.DO_NOT_DISTURB


def test_an_accepted_offer_has_no_countdown() -> None:
    desk = offered()
    desk.accept(desk.latest().id, "ana")
    assert desk.latest().offered_until is None
    desk.waits(10 * COUNTDOWN)
    assert desk.latest().agent == "ana"


def test_ws_17_a_workstream_has_a_time_of_its_own() -> None:
    rules = shop()
    (main,) = rules.workstreams
    desk = offered(attrs.evolve(rules, workstreams=[attrs.evolve(main, screen_pop=30 * SECOND)]))
    assert desk.latest().offered_until == NOW + 30 * SECOND


def test_not_2_with_auto_assign_the_agent_has_it_at_once_or_after_the_countdown_and_cannot_reject() -> None:
    desk = offered(offering(auto_assign=AutoAssign.AT_ONCE))
    assert desk.latest().accepted_at == NOW
    desk = offered(offering(auto_assign=AutoAssign.AFTER_COUNTDOWN))
    with pytest.raises(Refused) as refused:
        desk.decline(desk.latest().id, "ana")
    assert refused.value.reason == "reject_switched_off"
    desk.waits(COUNTDOWN)
    assert (desk.latest().agent, desk.latest().accepted_at) == ("ana", NOW + COUNTDOWN)
    desk = offered(offering(reject_button=False))
    with pytest.raises(Refused):
        desk.decline(desk.latest().id, "ana")


def test_an_offer_cannot_be_of_no_time() -> None:
    with pytest.raises(InvalidValue, match="countdown"):
        OfferSettings(countdown=timedelta(0))
    with pytest.raises(InvalidValue, match="max_sessions"):
        OfferSettings(max_sessions=0)


def customer(n: int) -> Address:
    return Address(f"+3460000010{n}")


def hears_from(desk: Desk, n: int) -> Conversation:
    desk.receive(desk.provider.webhook(Inbound(f"C{n}", NUMBER, (customer(n),), Text("Hola")), desk.clock.now()))
    desk.tick()
    return desk.latest()


def test_not_6_an_agent_with_as_many_sessions_as_they_may_have_gets_no_more() -> None:
    desk = Desk(offering(max_sessions=2))
    assert OfferSettings().max_sessions == 10
    first = hears_from(desk, 1)
    hears_from(desk, 2)
    assert presence(desk) is Presence.DO_NOT_DISTURB
    assert [fact["sessions"] for fact in desk.facts("maximum_sessions_reached")] == [2]
    desk.accept(first.id, "ana")
    third = hears_from(desk, 3)
    assert (third.status, third.agent) == (Status.OPEN, None)
    desk.close(first.id)
    desk.tick()
    kinds = [happening.event.kind for happening in desk.timeline(third.id)]
    assert kinds[-2:] == ["assigned", "maximum_sessions_reached"]
    assert next(agent.sessions for agent in desk.agents()) == 2


# --- presence ----------------------------------------------------------------------------------------------


def test_a_lost_connection_is_offline_at_once_and_open_offers_go_to_others() -> None:
    """NOT-4: an offer that a closed browser never showed does not stay with an agent who is gone."""
    desk = offered()
    ben(desk)
    desk.connect("ana")
    desk.waits(LEASE - SECOND)
    assert presence(desk) is not Presence.OFFLINE
    desk.waits(SECOND)
    assert (presence(desk), desk.latest().agent) == (Presence.OFFLINE, "ben")
    assert [fact["agent"] for fact in desk.facts("offer_rerouted")] == ["ana"]


def test_signs_of_life_keep_an_agent_there() -> None:
    desk = offered()
    desk.accept(desk.latest().id, "ana")
    for _ in range(20):
        desk.connect("ana")
        desk.waits(LEASE / 2)
    assert presence(desk) is not Presence.OFFLINE
    assert desk.latest().agent == "ana"


def test_back_within_two_and_a_half_minutes_the_presence_is_restored_and_nothing_was_taken() -> None:
    desk = offered()
    desk.accept(desk.latest().id, "ana")
    desk.set_presence("ana", Presence.BUSY)
    desk.disconnect("ana")
    desk.waits(RETURN_TIME)
    assert (presence(desk), desk.latest().agent) == (Presence.OFFLINE, "ana")
    desk.connect("ana")
    desk.waits(SECOND)
    assert (presence(desk), desk.latest().agent) == (Presence.BUSY, "ana")


def test_who_does_not_return_in_time_loses_the_conversations_and_the_customer_is_told() -> None:
    rules = attrs.evolve(shop(), life=LifeRules(messages=Automation()))
    desk = offered(rules)
    desk.accept(desk.latest().id, "ana")
    desk.disconnect("ana")
    desk.waits(RETURN_TIME + timedelta.resolution)
    assert (desk.latest().status, desk.latest().agent) == (Status.OPEN, None)
    assert desk.agents()[0].used == 0
    told = CATALOGUE[Trigger.AGENT_DISCONNECTED]["es"].replace("{AgentName}", "Ana Ruiz")
    assert desk.said()[-1] == told
    desk.connect("ana")
    assert presence(desk) is Presence.AVAILABLE


def test_who_is_offline_by_choice_stays_offline() -> None:
    desk = offered()
    desk.set_presence("ana", Presence.OFFLINE)
    assert desk.connect("ana").presence is Presence.OFFLINE
    desk.waits(2 * LEASE)
    assert desk.agents()[0].lost_at is None
    for act in (desk.connect, desk.disconnect):
        with pytest.raises(NotFound):
            act("nobody")


@pytest.mark.parametrize("fault", FAULTS)
def test_an_agent_who_is_gone_loses_everything_once_whatever_breaks(fault: str) -> None:
    def story(stage: Stage) -> None:
        stage.insist(stage.hires)
        stage.insist(stage.hears)
        stage.works()
        stage.insist(stage.accepts)
        stage.insist(lambda: connections.connect(stage.rules, "ana"))
        stage.pass_time(LEASE)
        stage.works()
        stage.pass_time(RETURN_TIME + SECOND)
        stage.settle()

    kind, break_it = FAULTS[fault]
    whole = Stage()
    story(whole)
    first = next(n for n, step in enumerate(whole.steps) if "presence:ana" in repr(step))
    for place in range(first, min(first + 40, len(whole.steps))):
        if isinstance(whole.steps[place], kind):
            stage = Stage()
            stage.planted = (place, break_it)
            story(stage)
            assert (stage.conversation.status, stage.conversation.agent) == (Status.OPEN, None)
            assert stage.kinds().count("agent_disconnected") == 1
            assert stage.desk.agents()[0].used == 0
