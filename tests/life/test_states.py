"""The life of a conversation: one test per row of the table of states, what capacity does, and who may end it."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest
from tests.support.desk import Desk
from tests.support.shop import ANA, NUMBER, shop

from wa_omnichannel.automation import (
    Action,
    LifeRules,
    Limits,
    Reopening,
    ReopeningPolicy,
    Silence,
    TimeoutRule,
    WorkstreamLife,
)
from wa_omnichannel.capacity import WrapUp, WrapUpBlocking
from wa_omnichannel.conversation import TRANSITIONS, Status, Step
from wa_omnichannel.errors import ConfigurationError, Refused
from wa_omnichannel.messages import Inbound, Text
from wa_omnichannel.overflow import Action as OverflowAction
from wa_omnichannel.overflow import Handling, MaximumWait, Overflow
from wa_omnichannel.rules import Rules
from wa_omnichannel.workforce import Agent, Presence

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LATER = timedelta.resolution


def desk_in(status: Status | None, rules: Rules | None = None) -> Desk:
    """Return a channel whose only conversation is in *status*."""
    desk = Desk(rules or shop())
    if status is Status.OPEN:
        desk.set_presence("ana", Presence.OFFLINE)
    if status is not None:
        desk.hears("IN1")
    if status in (Status.ACTIVE, Status.WAITING, Status.WRAP_UP, Status.CLOSED):
        desk.accept(desk.latest().id, "ana")
    if status is Status.WAITING:
        desk.park(desk.latest().id, agent="ana")
    if status is Status.WRAP_UP:
        desk.end(desk.latest().id, agent="ana")
    if status is Status.CLOSED:
        desk.close(desk.latest().id, agent="ana")
    if status is not None:
        assert desk.latest().status is status
    return desk


def test_a_message_without_a_live_conversation_opens_one_unassigned() -> None:
    desk = desk_in(Status.OPEN)
    assert (desk.latest().status, desk.latest().agent) == (Status.OPEN, None)


def test_open_becomes_active_by_push_and_by_pick() -> None:
    desk = desk_in(Status.OPEN)
    desk.set_presence("ana", Presence.AVAILABLE)
    desk.tick()
    assert (desk.latest().status, desk.latest().accepted_at) == (Status.ACTIVE, None)
    desk = desk_in(Status.OPEN)
    desk.accept(desk.latest().id, "ana")
    assert (desk.latest().status, desk.latest().agent) == (Status.ACTIVE, "ana")


def test_open_is_closed_after_30_days_by_overflow_by_force_and_in_an_empty_queue() -> None:
    desk = desk_in(Status.OPEN)
    desk.waits(30 * DAY + LATER)
    assert desk.latest().status is Status.CLOSED
    rules = shop()
    ends = Overflow(wait=MaximumWait(MINUTE, Handling(OverflowAction.END)))
    queues = [attrs.evolve(queue, overflow=ends) for queue in rules.queues]
    desk = Desk(attrs.evolve(rules, queues=queues))
    desk.set_presence("ana", Presence.OFFLINE)
    desk.hears("IN1", Text("Una factura"))
    desk.waits(MINUTE + timedelta(seconds=1))
    assert desk.facts("conversation_closed")[-1]["by"] == "overflow"
    desk = desk_in(Status.OPEN)
    assert desk.close(desk.latest().id).status is Status.CLOSED
    desk = Desk(attrs.evolve(rules, empty_queue_closes=True))
    desk.put_agent(Agent("ana", "Ana"))
    desk.hears("IN1")
    assert desk.facts("conversation_closed")[-1]["by"] == "empty_queue"


def test_active_goes_to_wrap_up_when_the_agent_ends_it() -> None:
    desk = desk_in(Status.ACTIVE)
    assert desk.end(desk.latest().id, agent="ana").status is Status.WRAP_UP


def test_active_goes_to_waiting_when_the_agent_closes_the_session_or_by_a_timeout_rule() -> None:
    desk = desk_in(Status.ACTIVE)
    assert desk.park(desk.latest().id, agent="ana").status is Status.WAITING
    rule = TimeoutRule("park", Silence.AGENT, HOUR, Action.PARK)
    desk = desk_in(Status.ACTIVE, with_rule(rule))
    desk.waits(HOUR + LATER)
    assert desk.latest().status is Status.WAITING


def with_rule(rule: TimeoutRule) -> Rules:
    return attrs.evolve(shop(), life=LifeRules(workstreams={"main": WorkstreamLife((rule,))}))


def test_active_goes_back_to_open_when_the_agent_is_gone_releases_it_or_transfers_it() -> None:
    desk = desk_in(Status.ACTIVE)
    desk.disconnect("ana")
    desk.waits(timedelta(minutes=3))
    assert (desk.latest().status, desk.latest().agent) == (Status.OPEN, None)
    for queue in ("all", "billing"):
        desk = desk_in(Status.ACTIVE)
        moved = desk.transfer(desk.latest().id, queue, agent="ana")
        assert (moved.status, moved.agent, moved.queue) == (Status.OPEN, None, queue)


def test_active_is_closed_after_30_days_by_a_timeout_rule_and_by_force() -> None:
    desk = desk_in(Status.ACTIVE)
    desk.waits(30 * DAY + LATER)
    assert desk.latest().status is Status.CLOSED
    desk = desk_in(Status.ACTIVE, with_rule(TimeoutRule("close", Silence.AGENT, HOUR, Action.CLOSE)))
    desk.waits(HOUR + LATER)
    assert desk.latest().status is Status.CLOSED
    desk = desk_in(Status.ACTIVE)
    assert desk.close(desk.latest().id).status is Status.CLOSED


def test_lif_3_waiting_goes_to_open_when_the_customer_writes_and_back_to_the_same_agent() -> None:
    desk = desk_in(Status.WAITING)
    desk.receive(desk.provider.webhook(_hola(), desk.clock.now()))
    assert desk.latest().status is Status.OPEN
    desk.put_agent(Agent("ben", "Ben", frozenset({"all"}), Presence.AVAILABLE, 99))
    desk.tick()
    assert desk.latest().agent == "ana"


def _hola() -> Inbound:
    return Inbound("IN2", NUMBER, (ANA,), Text("Hola"))


def test_waiting_goes_to_active_when_the_agent_revives_it() -> None:
    desk = desk_in(Status.WAITING)
    assert desk.pick(desk.latest().id, "ana").status is Status.ACTIVE


def test_waiting_is_closed_after_inactivity_of_both_sides() -> None:
    rules = shop()
    (main,) = rules.workstreams
    desk = desk_in(Status.WAITING, attrs.evolve(rules, workstreams=[attrs.evolve(main, auto_close_after=8 * HOUR)]))
    desk.waits(8 * HOUR)
    assert desk.latest().status is Status.WAITING
    desk.waits(LATER)
    assert desk.latest().status is Status.CLOSED


def test_wrap_up_is_closed_by_the_agent_or_after_a_day() -> None:
    desk = desk_in(Status.WRAP_UP)
    assert desk.close(desk.latest().id, agent="ana").status is Status.CLOSED
    desk = desk_in(Status.WRAP_UP)
    desk.waits(DAY + LATER)
    assert desk.latest().status is Status.CLOSED


def test_closed_is_final_and_a_later_message_begins_a_new_conversation() -> None:
    desk = desk_in(Status.CLOSED)
    old = desk.latest().id
    for act in (desk.pick, desk.accept):
        with pytest.raises(Refused):
            act(old, "ana")
    for act_of in (desk.park, desk.end, desk.close):
        with pytest.raises(Refused):
            act_of(old)
    desk.clock.advance(MINUTE)
    desk.hears("IN2")
    assert desk.latest().id != old
    assert not [step for status, step in TRANSITIONS if status is Status.CLOSED]


# --- capacity ----------------------------------------------------------------------------------------------


def test_lif_1_capacity_is_in_use_from_assignment_on() -> None:
    desk = Desk(shop())
    desk.hears("IN1")
    assert (desk.latest().accepted_at, desk.agents()[0].used) == (None, 1)


@pytest.mark.parametrize(
    ("kind", "at_once", "later"), [(WrapUp.ALWAYS, 1, 1), (WrapUp.CUSTOM, 1, 0), (WrapUp.NEVER, 0, 0)]
)
def test_lif_2_ws_12_waiting_takes_no_capacity_and_wrap_up_as_the_workstream_says(
    kind: WrapUp, at_once: int, later: int
) -> None:
    rules = shop()
    (main,) = rules.workstreams
    streams = [attrs.evolve(main, wrap_up=WrapUpBlocking(kind, 5 * MINUTE))]
    assert desk_in(Status.WAITING).agents()[0].used == 0
    desk = desk_in(Status.WRAP_UP, attrs.evolve(rules, workstreams=streams))
    assert desk.agents()[0].used == at_once
    desk.waits(5 * MINUTE)
    assert desk.agents()[0].used == later
    desk.waits(DAY)
    assert (desk.latest().status, desk.agents()[0].used) == (Status.CLOSED, 0)


def test_acl_4_a_block_that_is_longer_than_the_limit_keeps_wrap_up_open() -> None:
    rules = attrs.evolve(shop(), life=LifeRules(Limits(wrap_up=MINUTE)))
    (main,) = rules.workstreams
    streams = [attrs.evolve(main, wrap_up=WrapUpBlocking(WrapUp.CUSTOM, 30 * MINUTE))]
    desk = desk_in(Status.WRAP_UP, attrs.evolve(rules, workstreams=streams))
    desk.waits(29 * MINUTE)
    assert desk.latest().status is Status.WRAP_UP
    desk.waits(MINUTE + LATER)
    assert desk.latest().status is Status.CLOSED


def test_lif_4_customers_cannot_end_a_conversation() -> None:
    assert all(status is not Status.CLOSED for (_, step), status in TRANSITIONS.items() if step is Step.CUSTOMER_WRITES)
    desk = desk_in(Status.ACTIVE)
    desk.hears("IN2", Text("adiós"))
    assert desk.latest().status is Status.ACTIVE


# --- reopening ---------------------------------------------------------------------------------------------


def closed_under(policy: ReopeningPolicy, after: timedelta) -> tuple[Desk, str]:
    """Close a conversation with a fact in it, let time pass, and let the customer write again."""
    desk = desk_in(Status.ACTIVE, attrs.evolve(shop(), life=LifeRules(reopening=policy)))
    old = desk.latest().id
    desk.close(old, agent="ana")
    desk.clock.advance(after)
    desk.hears("IN2", Text("Una factura"))
    return desk, old


@pytest.mark.parametrize("kind", Reopening)
def test_the_reopening_policy_says_what_a_later_message_does(kind: Reopening) -> None:
    desk, old = closed_under(ReopeningPolicy(kind, DAY), DAY)
    assert (desk.latest().id == old) is (kind is Reopening.REOPEN)
    opened = desk.facts("conversation_opened")[-1]
    assert (opened.get("continues") == old) is (kind is Reopening.CONTINUE)
    if kind is Reopening.REOPEN:
        assert (desk.latest().agent, desk.latest().status) == ("ana", Status.ACTIVE)
        assert desk.agents()[0].used == 1
        desk.close(old)
        assert desk.latest().status is Status.CLOSED


@pytest.mark.parametrize("kind", Reopening)
def test_after_its_time_every_policy_begins_a_new_conversation(kind: Reopening) -> None:
    desk, old = closed_under(ReopeningPolicy(kind, DAY), DAY + LATER)
    assert desk.latest().id != old
    assert "continues" not in desk.facts("conversation_opened")[-1]


def test_settings_for_a_workstream_that_is_not_there_are_a_typed_error() -> None:
    with pytest.raises(ConfigurationError, match="'gone'"):
        attrs.evolve(shop(), life=LifeRules(workstreams={"gone": WorkstreamLife()}))
