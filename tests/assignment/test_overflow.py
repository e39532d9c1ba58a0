"""Overflow before a queue and in it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.assignment.worlds import MINUTE, NOW, Shift

from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.overflow import (
    COUNT_AGE,
    CROWD,
    NO_OVERFLOW,
    QUEUE_ANYWAY,
    Action,
    Arrival,
    Arriving,
    Counted,
    Handling,
    Limit,
    MaximumWait,
    Overdue,
    Overflow,
    before_queue,
    in_queue,
    move_order,
    overflows_at,
    recount,
)

END, AWAY = Handling(Action.END), Handling(Action.TRANSFER, "night")
OPEN, CLOSED = Shift(8, 18), Shift(12, 18)
FULL = Overflow(outside_hours=AWAY, limit=Limit(5, END))


@pytest.mark.parametrize("arrival", [Arrival.OVERFLOW, Arrival.TRANSFER, Arrival.SUPERVISOR])
def test_ovf_1_only_routed_items_are_checked_before_a_queue(arrival):
    assert before_queue(FULL, CLOSED, 99, NOW).handling == AWAY
    assert before_queue(FULL, CLOSED, 99, NOW, Arriving(arrival)).handling is None


def test_ovf_1_an_item_is_checked_once():
    assert before_queue(FULL, CLOSED, 99, NOW, Arriving(checked=True)).trace[0].rule == "OVF-1"


def test_ovf_2_hours_come_before_the_limit():
    verdict = before_queue(FULL, CLOSED, 99, NOW)
    assert (verdict.handling, verdict.trace[-1].rule) == (AWAY, "OVF-2")
    assert verdict.trace[-1].facts["opens_at"] == NOW.replace(hour=12)
    assert before_queue(FULL, OPEN, 99, NOW).handling == END


def test_ovf_3_outside_the_hours_a_queue_takes_items_anyway_unless_told_otherwise():
    verdict = before_queue(NO_OVERFLOW, CLOSED, 0, NOW)
    assert verdict.handling == QUEUE_ANYWAY
    assert not verdict.overflows


@given(st.integers(0, 24 * 60))
def test_ovf_5_a_queue_that_is_always_open_takes_items_however_closed_the_channel_is(minute):
    """No hours but the queue's own are asked for: at no time of the day does a queue without hours overflow."""
    assert before_queue(FULL, None, 0, NOW + minute * MINUTE).handling is None


@given(st.integers(1, 300), st.integers(0, 400))
def test_ovf_4_the_item_after_the_limit_overflows(limit, open_items):
    verdict = before_queue(Overflow(limit=Limit(limit, END)), None, open_items, NOW)
    assert verdict.overflows is (open_items + 1 > limit)


def test_ovf_4_in_dynamics_the_count_is_ten_seconds_old_and_a_burst_passes():
    def burst(age):
        """Return how many of nine items within nine seconds enter a queue with a limit of five."""
        entered: list[int] = []
        known = None
        for second in range(9):
            known = recount(known, lambda: len(entered), NOW + timedelta(seconds=second), age)
            if not before_queue(FULL, None, known.items, NOW).overflows:
                entered.append(second)
        return len(entered)

    assert (burst(COUNT_AGE), burst(timedelta(0))) == (9, 5)
    assert recount(Counted(0, NOW), lambda: 7, NOW + COUNT_AGE, COUNT_AGE).items == 7


def test_que_3_a_queue_without_hours_is_never_outside_them():
    assert before_queue(Overflow(outside_hours=END), None, 0, NOW.replace(hour=3)).handling is None


def test_ovf_6_a_bot_has_it_first():
    assert before_queue(FULL, CLOSED, 99, NOW, Arriving(bot=True)).trace[0].rule == "OVF-6"
    assert before_queue(FULL, CLOSED, 99, NOW, Arriving(bot=False)).overflows
    assert not before_queue(FULL, CLOSED, 99, NOW, Arriving(bot=False, checked=True)).overflows


@given(st.integers(60, 172_800), st.integers(0, 200_000))
def test_ovf_7_an_item_overflows_when_it_has_waited_longer(seconds, waited):
    overflow = Overflow(wait=MaximumWait(timedelta(seconds=seconds), AWAY))
    now = NOW + timedelta(seconds=waited)
    verdict = in_queue(overflow, NOW, now)
    assert verdict.overflows is (waited > seconds)
    at = overflows_at(overflow, NOW)
    assert at is not None
    assert verdict.overflows is (now >= at)


def test_ovf_7_a_chain_of_queues_starts_the_wait_again():
    chain = {"a": Overflow(wait=MaximumWait(MINUTE, Handling(Action.TRANSFER, "b")))}
    chain |= {"b": Overflow(wait=MaximumWait(MINUTE, Handling(Action.TRANSFER, "c"))), "c": NO_OVERFLOW}
    queue, entered, path = "a", NOW, ["a"]
    for seconds in range(0, 600, 30):
        now = NOW + timedelta(seconds=seconds)
        arrival = Arrival.ROUTED if queue == "a" else Arrival.OVERFLOW
        handling = in_queue(chain[queue], entered, now, arrival).handling
        if handling is not None and handling.queue is not None:
            queue, entered = handling.queue, now
            path.append(f"{queue} {seconds}")
    assert path == ["a", "b 90", "c 180"]


def overdue(count, queue, wait):
    return [Overdue(f"{queue}{n}", queue, NOW + n * MINUTE, wait * MINUTE) for n in range(count)]


def test_ovf_8_a_crowd_is_moved_by_the_lowest_wait_and_then_in_turn():
    few = overdue(CROWD // 2, "x", 9) + overdue(CROWD // 2, "y", 1)
    assert [one.entered_at for one in move_order(few)] == sorted(one.entered_at for one in few)
    crowd = overdue(10, "x", 9) + overdue(10, "y", 1) + overdue(2, "z", 1)
    order = [one.conversation for one in move_order(crowd)]
    assert order[:5] == ["y0", "z0", "y1", "z1", "y2"]
    assert order[-10:] == [f"x{n}" for n in range(10)]
    assert sorted(order) == sorted(one.conversation for one in crowd)


def test_ovf_9_without_overflow_an_item_waits():
    assert before_queue(NO_OVERFLOW, None, 10**6, NOW).handling is None
    assert in_queue(NO_OVERFLOW, NOW, NOW + timedelta(days=99)).handling is None
    assert overflows_at(NO_OVERFLOW, NOW) is None


def test_ending_says_so_in_the_trace():
    text = before_queue(FULL, OPEN, 99, NOW).trace[-1].sentence("en")
    assert "end" in text


def test_ovf_11_the_fallback_queue_ignores_overflow():
    """See also QUE-4."""
    assert before_queue(FULL, CLOSED, 99, NOW, Arriving(Arrival.FALLBACK)).handling is None
    waits = Overflow(wait=MaximumWait(MINUTE, END))
    assert in_queue(waits, NOW, NOW + timedelta(days=9), Arrival.FALLBACK).handling is None


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Handling(Action.TRANSFER),
        lambda: Handling(Action.END, "q"),
        lambda: Limit(0, END),
        lambda: Limit(1, QUEUE_ANYWAY),
        lambda: MaximumWait(timedelta(seconds=59), END),
        lambda: MaximumWait(timedelta(days=2, seconds=1), END),
        lambda: MaximumWait(MINUTE, QUEUE_ANYWAY),
    ],
)
def test_settings_that_cannot_work_are_refused(wrong):
    with pytest.raises(InvalidValue):
        wrong()
