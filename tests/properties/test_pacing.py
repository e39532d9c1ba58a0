"""Pacing: rates are kept over any history, halts by everybody, and pauses grow within their bounds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_omnichannel import pacing
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.pacing import ESCALATES, PAIR, RESTED, SENDER, Backoff, Pace, Rate, Scope

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)

durations = st.integers(1, 10_000_000).map(lambda us: timedelta(microseconds=us))
rates = st.builds(Rate, durations, st.integers(1, 100))
waits = st.lists(st.integers(0, 20_000_000).map(lambda us: timedelta(microseconds=us)), max_size=60)


def leaving(rate: Rate, pauses: list[timedelta], pace: Pace = RESTED) -> list[datetime]:
    """Let messages arrive after *pauses* and leave as soon as they may; return when they left."""
    arrived = left_last = NOON
    left = []
    for pause in pauses:
        arrived += pause
        at = pacing.free_at(pace, rate, max(arrived, left_last))
        pace = pacing.take(pace, rate, at)
        left.append(at)
        left_last = at
    return left


@given(rates, waits)
def test_no_window_holds_more_than_the_rate_and_one_burst(rate: Rate, pauses: list[timedelta]) -> None:
    left = leaving(rate, pauses)
    for first in range(len(left)):
        for last in range(first, len(left)):
            assert last - first <= (left[last] - left[first]) / rate.interval + rate.burst - 1 + 1e-6


@given(rates, waits)
def test_nobody_waits_without_need(rate: Rate, pauses: list[timedelta]) -> None:
    """A message that keeps its distance from the one before leaves at once."""
    spaced = [pause + rate.interval for pause in pauses]
    arrivals = [NOON + sum(spaced[: n + 1], timedelta()) for n in range(len(spaced))]
    assert leaving(rate, spaced) == arrivals


@given(rates)
def test_a_burst_leaves_at_once_and_the_next_one_waits_one_interval(rate: Rate) -> None:
    left = leaving(rate, [timedelta()] * (rate.burst + 1))
    assert left[:-1] == [NOON] * rate.burst
    assert left[-1] == NOON + rate.interval


@given(rates, durations, durations)
def test_a_halt_is_honoured_by_everybody_and_never_shortened(rate: Rate, one: timedelta, other: timedelta) -> None:
    """Peers case 25: a limiter's halt is honoured by all waiters."""
    halted = pacing.halt(pacing.halt(RESTED, NOON + one), NOON + other)
    assert pacing.free_at(halted, rate, NOON) == NOON + max(one, other)
    assert pacing.halt(pacing.halt(RESTED, NOON + other), NOON + one).halted_until == halted.halted_until


@given(st.integers(-3, 200), st.text(), durations, durations)
def test_pauses_grow_within_their_bounds_and_repeat(attempt: int, of: str, first: timedelta, more: timedelta) -> None:
    backoff = Backoff(first, first + more)
    whole = min(first * 2 ** min(max(attempt, 1) - 1, 30), backoff.longest)
    pause = backoff.pause(attempt, of)
    assert whole / 2 - timedelta(microseconds=1) <= pause <= whole
    assert pause == backoff.pause(attempt, of)


def test_messages_that_fail_together_do_not_come_back_together() -> None:
    backoff = Backoff(timedelta(seconds=100), timedelta(seconds=100))
    assert len({backoff.pause(1, f"m{n}") for n in range(100)}) > 90


@pytest.mark.parametrize("code", [63017, 63018])
def test_a_refused_pair_rests_at_least_six_seconds_and_then_stops_the_sender(code: int) -> None:
    """Peers case 24: 63018 is repeated later; first the pair rests, then the whole sender."""
    answer = pacing.throttle(code)
    assert answer is not None
    pair = sender = RESTED
    for n in range(1, ESCALATES + 1):
        pair, sender = pacing.halts(answer, pair, sender, "m1", NOON)
        assert pacing.free_at(pair, PAIR, NOON) >= NOON + PAIR.interval
        assert (sender.halted_until is not None) == (n >= ESCALATES)


@pytest.mark.parametrize("code", [429, 20429, 21611, 30001, 14107, 63038])
def test_what_concerns_the_sender_stops_the_sender_alone(code: int) -> None:
    """Peers case 24: too many requests, a full queue and the day's limit stop the number, longer each time."""
    answer = pacing.throttle(code)
    assert answer is not None
    assert answer.scope is Scope.SENDER
    pair, once = pacing.halts(answer, RESTED, RESTED, "m1", NOON)
    _, twice = pacing.halts(answer, RESTED, once, "m1", NOON)
    assert pair == RESTED
    assert NOON < pacing.free_at(once, SENDER, NOON) <= pacing.free_at(twice, SENDER, NOON)


def test_a_message_that_passed_ends_the_row_of_refusals() -> None:
    assert pacing.accepted(Pace(refusals=2)).refusals == 0
    assert pacing.accepted(RESTED) is RESTED
    assert pacing.throttle(None) is None
    assert pacing.throttle(63016) is None


@pytest.mark.parametrize(
    "make", [lambda: Rate(timedelta(0)), lambda: Rate(timedelta(seconds=1), 0), lambda: Backoff(timedelta(seconds=-1))]
)
def test_impossible_settings_are_refused(make: object) -> None:
    with pytest.raises(InvalidValue):
        make()  # type: ignore[operator]
