"""Presence: base and custom, by capacity, missed and rejected offers, lost connections."""

from datetime import timedelta

import pytest
from tests.assignment.worlds import NOW, agent, item

from wa_omnichannel.assignment import AssignmentRules, WorkPolicy, choose, exclusion
from wa_omnichannel.capacity import Allowance
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.routing import Queue
from wa_omnichannel.workforce import (
    CustomPresence,
    OfferRules,
    Presence,
    disconnected,
    join,
    leave,
    missed,
    presence_from_capacity,
    reconnected,
    rejected,
    set_presence,
    settle_presence,
    sign_in,
)

FULL, ROOM = Allowance(1, 1), Allowance(1, 0)


@pytest.mark.parametrize(
    ("fields", "presence"),
    [
        ({"capacity": 2, "used": 0}, Presence.AVAILABLE),
        ({"capacity": 2, "used": 1}, Presence.BUSY),
        ({"capacity": 2, "used": 2}, Presence.DO_NOT_DISTURB),
        ({"capacity": 2, "used": 3}, Presence.DO_NOT_DISTURB),
        ({"capacity": 0, "profiles": {"a": FULL, "b": ROOM}}, Presence.BUSY),
        ({"capacity": 0, "profiles": {"a": FULL, "b": FULL}}, Presence.DO_NOT_DISTURB),
        ({"capacity": 0, "profiles": {"a": Allowance(1, 1, blocking=True), "b": ROOM}}, Presence.DO_NOT_DISTURB),
        ({"capacity": 1, "used": 1, "profiles": {"a": ROOM}}, Presence.BUSY),
        ({"capacity": 1, "used": 1, "profiles": {"a": FULL}}, Presence.DO_NOT_DISTURB),
    ],
)
def test_presence_follows_capacity(fields, presence):
    assert presence_from_capacity(agent("ana", **fields)) is presence
    assert settle_presence(agent("ana", **fields)).presence is presence


def test_a_custom_presence_counts_as_its_base():
    lunch = set_presence(agent("ana"), CustomPresence("lunch", Presence.AWAY))
    assert (lunch.presence, lunch.presence_name) == (Presence.AWAY, "lunch")
    with pytest.raises(InvalidValue):
        CustomPresence("gone", Presence.INACTIVE)
    with pytest.raises(InvalidValue):
        set_presence(lunch, Presence.INACTIVE)


@pytest.mark.parametrize("presence", [Presence.AWAY, Presence.DO_NOT_DISTURB, Presence.OFFLINE])
def test_these_last_until_changed_by_hand(presence):
    assert settle_presence(set_presence(agent("ana"), presence)).presence is presence


@pytest.mark.parametrize("presence", [Presence.AVAILABLE, Presence.BUSY])
def test_these_last_until_the_next_conversation(presence):
    assert settle_presence(set_presence(agent("ana", used=2), presence)).presence is Presence.DO_NOT_DISTURB


def test_signing_in_keeps_away_and_offline():
    assert sign_in(agent("ana"), Presence.AWAY).presence is Presence.AWAY
    assert sign_in(agent("ana", used=1)).presence is Presence.BUSY


def test_not_5_a_missed_offer_makes_inactive_and_a_rejected_one_do_not_disturb():
    on, off = OfferRules(rejected_makes_busy=True), OfferRules(missed_makes_inactive=False)
    assert missed(agent("ana"), on).presence is Presence.INACTIVE
    assert missed(agent("ana"), off) == rejected(agent("ana"), off) == agent("ana")
    assert settle_presence(missed(agent("ana"), on)).presence is Presence.INACTIVE
    assert settle_presence(rejected(agent("ana"), on)).presence is Presence.DO_NOT_DISTURB
    assert set_presence(missed(agent("ana"), on), Presence.AVAILABLE).presence is Presence.AVAILABLE


def test_a_lost_connection_is_offline_at_once_and_restored_within_two_and_a_half_minutes():
    ana = set_presence(agent("ana", used=1), CustomPresence("focus", Presence.AWAY))
    lost = disconnected(ana, NOW)
    assert lost.presence is Presence.OFFLINE
    assert disconnected(lost, NOW + timedelta(minutes=1)) == lost
    assert reconnected(lost, NOW + timedelta(minutes=2, seconds=30)) == ana
    assert reconnected(lost, NOW + timedelta(minutes=2, seconds=31)).presence is Presence.BUSY
    assert reconnected(ana, NOW) == ana


def test_ws_13_only_allowed_presences_get_work():
    rules = AssignmentRules({"q": Queue("q")}, work={"w": WorkPolicy(presences=frozenset({Presence.AWAY}))})
    away, here = agent("away", presence=Presence.AWAY), agent("here")
    assert exclusion(item("v"), away, rules) == "presence"
    assert [p.agent for p in choose([item("v", workstream="w")], [here, away], rules, NOW)] == ["away"]


def test_who_joins_a_queue_comes_after_those_who_were_there():
    ana = join(agent("ana", queues=frozenset()), "q", NOW)
    assert (ana.queues, ana.turns) == (frozenset({"q"}), {"q": NOW})
    assert join(ana, "q", NOW + timedelta(1)) == ana
    assert leave(ana, "q") == agent("ana", queues=frozenset())
