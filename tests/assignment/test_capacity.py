"""Capacity in units and profiles."""

from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.assignment.worlds import NOW, agent, item

from wa_omnichannel.assignment import AssignmentRules, choose, examine
from wa_omnichannel.capacity import (
    Allowance,
    CapacityProfile,
    Reset,
    WrapUp,
    WrapUpBlocking,
    blocking,
    edit,
    end_of_day,
    exhausted,
    grant,
    override,
    redefine,
)
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.routing import Queue
from wa_omnichannel.skills import Requirement
from wa_omnichannel.workforce import end_shift, release, set_capacity, take

RULES = AssignmentRules({"q": Queue("q")})
CHAT = CapacityProfile("chat", 2)
DAILY = CapacityProfile("daily", 2, Reset.END_OF_DAY)
PROFILES = (CHAT, DAILY, CapacityProfile("voice", 1, blocking=True))


@given(st.integers(0, 20), st.integers(1, 5))
def test_cap_1_an_agent_has_as_many_at_once_as_units_allow(units, each):
    items = [item(f"v{n:02}", demand=each) for n in range(25)]
    assert len(choose(items, [agent("ana", capacity=units)], RULES, NOW)) == units // each


def test_cap_2_the_reset_frequency_cannot_be_edited():
    assert edit(CHAT, CapacityProfile("chat", 5)).limit == 5
    with pytest.raises(InvalidValue):
        edit(CHAT, CapacityProfile("chat", 2, Reset.END_OF_DAY))


def test_cap_2_a_blocking_profile_at_its_limit_blocks_all_other_work():
    busy = agent("ana", profiles={"voice": Allowance(1, 1, blocking=True)})
    assert blocking(busy.profiles) == ("voice",)
    assert not choose([item("v")], [busy], RULES, NOW)
    assert not next(check for check in examine(item("v"), busy, RULES) if check.rule == "CAP-2").met


def test_cap_3_end_of_day_gives_back_at_the_end_of_the_shift_and_not_before():
    ana = agent("ana", profiles={"daily": grant(DAILY)})
    used = take(ana, 0, NOW, profiles=["daily"])
    closed = release(used, 0, NOW, profiles=["daily"])
    assert closed.profiles["daily"].used == 1
    assert end_shift(used).profiles["daily"].used == 0  # open conversations do not matter
    assert release(end_shift(used), 0, NOW, profiles=["daily"]).profiles["daily"].used == 0


def test_cap_4_an_item_needs_room_in_all_its_profiles_and_consumes_all():
    both = Requirement.of(profiles=["chat", "daily"])
    ana = agent("ana", profiles={"chat": Allowance(1), "daily": Allowance(5)})
    items = [item("v1", 2, needs=both, demand=0), item("v2", 1, needs=both, demand=0)]
    assert [p.item.conversation for p in choose(items, [ana], RULES, NOW)] == ["v1"]
    after = take(ana, 0, NOW, profiles=both.profiles)
    assert [allowance.used for allowance in after.profiles.values()] == [1, 1]
    assert exhausted(after.profiles, both.profiles) == ("chat",)


def test_cap_5_a_limit_of_ones_own_survives_a_change_of_the_default():
    has = {"chat": Allowance(2, 2)}
    own = override(has, CHAT, 7)
    assert own["chat"] == Allowance(7, 2, custom=True)
    assert redefine(own, CapacityProfile("chat", 1))["chat"].limit == 7
    assert redefine(has, CapacityProfile("chat", 1))["chat"].limit == 1
    assert override(own, CHAT, None)["chat"] == Allowance(2, 2)
    assert redefine({}, CHAT) == {}


def test_cap_5_fewer_units_do_not_take_work_away():
    assert set_capacity(agent("ana", used=2), 1).free == -1


def test_cap_9_a_bot_is_never_reduced():
    bot = agent("bot", bot=True, capacity=1)
    assert take(bot, 1, NOW).free == 1
    assert release(take(bot, 1, NOW), 1, NOW).free == 1
    assert [p.agent for p in choose([item(f"v{n}") for n in range(3)], [bot], RULES, NOW)] == ["bot"] * 3


def test_cap_8_wrap_up_keeps_capacity_always_for_a_time_or_not():
    """See also WS-12."""
    assert WrapUpBlocking().until(NOW) is None
    assert WrapUpBlocking(WrapUp.NEVER).until(NOW) == NOW
    assert WrapUpBlocking(WrapUp.CUSTOM, timedelta(minutes=5)).until(NOW) == NOW + timedelta(minutes=5)
    with pytest.raises(InvalidValue):
        WrapUpBlocking(WrapUp.CUSTOM, timedelta(seconds=29))


class Histories(RuleBasedStateMachine):
    """Whatever is given and taken back, by whomever: what is in use is what is open (CAP-3, CAP-4)."""

    def __init__(self) -> None:
        super().__init__()
        self.agent = agent("ana", capacity=3, profiles={profile.name: grant(profile) for profile in PROFILES})
        self.open: list[tuple[int, tuple[str, ...]]] = []
        self.today = 0

    @rule(
        units=st.integers(0, 3), profiles=st.sets(st.sampled_from(["chat", "daily", "unknown"])).map(sorted).map(tuple)
    )
    def give(self, units, profiles):
        self.agent = take(self.agent, units, NOW, profiles=profiles)
        self.open.append((units, profiles))
        self.today += "daily" in profiles

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def take_back(self, data):
        units, profiles = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
        self.agent = release(self.agent, units, NOW, profiles=profiles)

    @rule()
    def end_the_day(self):
        self.agent = end_shift(self.agent)
        self.today = 0

    @rule(limit=st.none() | st.integers(0, 4))
    def change_a_limit(self, limit):
        self.agent = attrs.evolve(self.agent, profiles=override(self.agent.profiles, CHAT, limit))

    @invariant()
    def in_use_is_what_is_open(self):
        has = self.agent.profiles
        assert self.agent.used == sum(units for units, _ in self.open)
        assert has["chat"].used == sum("chat" in profiles for _, profiles in self.open)
        assert has["daily"].used == self.today
        assert has.get("unknown", Allowance(0)).used == sum("unknown" in profiles for _, profiles in self.open)


TestHistories = Histories.TestCase


@given(st.dictionaries(st.sampled_from("abc"), st.builds(Allowance, st.integers(0, 3), st.integers(0, 3))))
def test_cap_3_the_end_of_the_day_touches_only_what_counts_per_day(has):
    assert end_of_day(has) == has
