"""Every row of the table of metrics (§10) on a log that was computed by hand; empty denominators are blank."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.metrics.golden import BEGIN, BY_ID, LOG, NOW, STORIES, at, entry, sec

from wa_omnichannel.explain import Check
from wa_omnichannel.metrics import Entry, Story, Thresholds, people, report, sending, tell, waiting, working
from wa_omnichannel.metrics.log import MOMENTS
from wa_omnichannel.metrics.report import by_queue, last_day, last_day_and_open, today
from wa_omnichannel.workforce import Agent


def ids(stories: list[Story] | None) -> set[str]:
    return {each.id for each in stories or ()}


def test_first_wait_time() -> None:
    """From queue entry or escalation to acceptance, or to closing if abandoned."""
    waits = {name: waiting.first_wait(story) for name, story in BY_ID.items()}
    assert waits == {
        "c1": sec(30),
        "c2": sec(5),
        "c3": sec(60),
        "c4": sec(60),
        "c5": None,
        "c6": None,
        "c7": sec(5),
        "c8": sec(130),
    }


def test_average_speed_to_answer() -> None:
    """(30 + 60 + 130) / 3 over accepted inbound ones; (30 + 60) / 2 over closed ones."""
    assert waiting.average_speed_to_answer(STORIES) == sec(220) / 3
    assert waiting.average_speed_to_answer(STORIES, closed_only=True) == sec(45)


def test_service_level() -> None:
    """A wait of exactly the limit is in time."""
    levels = [waiting.service_level(STORIES, limit) for limit in waiting.LEVELS]
    assert levels == [0, 0, 1 / 3, 1 / 3, 2 / 3, 2 / 3]


@pytest.mark.parametrize(("threshold", "share"), [(sec(60), 2 / 3), (sec(59), 1 / 3), (None, 1)])
def test_queue_service_level(threshold: timedelta | None, share: float) -> None:
    """True when the threshold is unset and the conversation engaged (seed 23)."""
    assert waiting.queue_service_level(STORIES, threshold) == share


def test_segment_speed_to_answer_and_agent_accept_time() -> None:
    """Stays: 30, 60, 20, 130; from the first offer: 10, 50, 10, 0."""
    assert waiting.segment_speed_to_answer(STORIES) == sec(60)
    assert waiting.agent_accept_time(STORIES) == sec(17.5)


def test_abandoned() -> None:
    """Supervisor's closing and overflow count; the bot's and outbound ones do not."""
    assert ids(waiting.abandoned(STORIES)) == {"c2", "c3"}


def test_abandon_rate_in_its_four_readings() -> None:
    """2 of 1 escalated; 2 of 7 incoming; 1 without overflow; 2 of 7 inbound stays."""
    assert waiting.abandon_rates(STORIES) == {
        "of_escalated": 2.0,
        "of_incoming": 2 / 7,
        "streaming": 1 / 7,
        "of_segments": 2 / 7,
    }


def test_short_abandoned_in_both_readings() -> None:
    assert ids(waiting.short_abandoned(STORIES, sec(10))) == {"c2"}
    assert ids(waiting.short_abandoned(STORIES, sec(5))) == set()  # shorter, not as long as
    assert waiting.abandoned_counts(STORIES, sec(10)) == {
        "abandoned_queue_page": 1,
        "abandoned_segment_page": 2,
        "short": 1,
        "short_share": 0.5,
    }
    blank = {"abandoned_queue_page": 2, "abandoned_segment_page": 2, "short": None, "short_share": None}
    assert waiting.abandoned_counts(STORIES, None) == blank


def test_handle_time() -> None:
    """C1 170 + 30, C4 Bob 100 and Ana 60 + 60, C7 95; C8 is not handled to its end."""
    assert [working.handle_time(BY_ID[name]) for name in ("c1", "c4", "c7")] == [sec(200), sec(220), sec(95)]
    assert working.average_handle_time(STORIES) == sec(515) / 3


def test_first_response_time() -> None:
    """C1 50 and, from the escalation, C4 140; less than 60 s is in time."""
    assert working.first_response_time(STORIES) == sec(95)
    assert working.first_response_level(STORIES) == 1 / 2


def test_first_response_time_counts_operating_hours_only() -> None:
    opens = at(20)

    def elapsed(begin: datetime, end: datetime) -> timedelta:
        return max(end, opens) - max(begin, opens)

    assert working.first_responses(STORIES, elapsed) == [sec(30), sec(140)]


def test_agent_response_time() -> None:
    """Exchanges of 20 and 30 s in C1, and 80 s in C4, which waited for its acceptance."""
    assert working.responses(STORIES) == [sec(20), sec(30), sec(80)]
    assert working.response_time(STORIES) == sec(130) / 3
    assert working.response_level(STORIES) == 2 / 3


def test_conversation_time() -> None:
    """(230 + 5 + 60 + 360 + 60 + 100) / 6."""
    assert working.conversation_time(STORIES) == sec(815) / 6


def test_session_rejection_and_timeout_rate() -> None:
    """8 offers; 2 declined, 1 missed."""
    assert working.session_rates(STORIES) == {"rejected": 2 / 8, "timed_out": 1 / 8}


def test_session_time_to_accept_and_reject() -> None:
    """Accepted after 10, 10, 10, 0, 0; declined after 5 and 5."""
    assert working.session_times(STORIES) == {"accept": sec(6), "reject": sec(5)}


def test_transfer_rate_and_transfers_of_queues() -> None:
    """One of five handled sessions was transferred; C4 came from a bot."""
    assert working.transfer_rate(STORIES) == 1 / 5
    assert working.queue_transfers(STORIES, "billing") == {"into": 0, "out": 1, "net": -1}
    assert working.queue_transfers(STORIES, "all") == {"into": 1, "out": 0, "net": 1}
    assert working.queue_transfers(STORIES, "all", bots=False) == {"into": 0, "out": 0, "net": 0}


def test_a_closing_reason_can_count_as_a_transfer_out() -> None:
    log = [
        entry("0 x conversation_opened"),
        entry("0 x routed queue=q"),
        entry("1 x conversation_closed by=ExternalTransfer"),
    ]
    assert working.queue_transfers(tell(log), "q") == {"into": 0, "out": 1, "net": -1}


def test_consults() -> None:
    """20 s over one accepted consult."""
    expected = {"requested": 3, "accepted": 1, "rejected": 1, "missed": 1, "average": sec(20)}
    assert working.consults(STORIES) == expected


def test_waiting_now_and_longest_wait() -> None:
    assert ids(waiting.waiting_now(STORIES)) == {"c6"}
    assert waiting.longest_wait(STORIES, NOW) == sec(100)


def test_the_longest_wait_begins_anew_in_the_next_queue() -> None:
    moved = tell([*LOG, entry("550 c6 transferred from=all queue=billing")])
    assert waiting.longest_wait(moved, NOW) == sec(50)


def test_what_waits_for_the_customer_is_no_backlog() -> None:
    parked = [*LOG, entry("591 c8 parked agent=bob")]
    assert ids(waiting.waiting_now(tell(parked))) == {"c6"}
    assert ids(waiting.waiting_now(tell([*parked, entry("592 c8 message_received")]))) == {"c6", "c8"}


def test_bots() -> None:
    assert working.bots(STORIES) == {"deflected": 1, "escalated": 1, "total": 2}


def test_ghost_conversations() -> None:
    assert ids(working.ghosts(STORIES)) == {"c4", "c7"}


def test_capacity() -> None:
    agents = [Agent("ana", "Ana", capacity=3, used=1), Agent("bob", "Bob", capacity=2, used=4)]
    assert people.capacity(agents) == {"total": 5, "used": 5, "available": 2}


def test_presence_durations() -> None:
    log = [
        entry("0 - presence_changed agent=ana presence=available"),
        entry("10 - presence_changed agent=bob presence=busy"),
        entry("30 - presence_changed agent=ana presence=away"),
        entry("45 - presence_changed agent=ana presence=available"),
        entry("900 - presence_changed agent=ana presence=offline"),
    ]
    assert people.presence_times(log, at(60)) == {
        "ana": {"available": sec(45), "away": sec(15)},
        "bob": {"busy": sec(50)},
    }


# --- the average wait that customers see


def connected(count: int, wait: float = 120.0, begin: float = 0.0) -> list[tuple[datetime, timedelta]]:
    return [(at(begin + number), sec(wait)) for number in range(count)]


def test_the_wait_shown_needs_twenty_conversations() -> None:
    assert waiting.wait_shown(connected(19), NOW) is None
    assert waiting.wait_shown(connected(20), NOW) == sec(120)


def test_the_wait_shown_is_a_moving_average() -> None:
    """120, then one of 220: 120 + 0.1 · 100."""
    log = [*connected(20), (at(30), sec(220))]
    assert waiting.wait_shown(log, NOW) == sec(130)
    assert waiting.wait_shown(log, NOW, weight=0.5) == sec(170)


def test_the_wait_shown_is_computed_every_ten_minutes() -> None:
    """12:00 + 10 min is computed at 12:10; what came later counts at 12:20."""
    log = [*connected(20), (at(601), sec(220))]
    assert waiting.wait_shown(log, at(1199)) == sec(120)
    assert waiting.wait_shown(log, at(1200)) == sec(130)


def test_the_wait_shown_is_forgotten_after_seven_days() -> None:
    week = 7 * 24 * 3600
    assert waiting.wait_shown(connected(20), at(week)) == sec(120)
    assert waiting.wait_shown(connected(20), at(week + 600)) is None
    anew = [*connected(20), *connected(19, 300, week + 600)]
    assert waiting.wait_shown(anew, at(week + 1200)) is None


def test_a_short_wait_is_not_shown_and_a_shown_one_stays() -> None:
    assert waiting.wait_shown(connected(20, 60), NOW) is None
    assert waiting.wait_shown(connected(20, 61), NOW) == sec(61)
    assert waiting.wait_shown(connected(20), NOW, shown=sec(90)) == sec(90)


# --- stretches of time


def opened(**hours_ago: float) -> list[Story]:
    return [Story(name, NOW - timedelta(hours=hours)) for name, hours in hours_ago.items()]


def test_the_stretches_of_dashboards() -> None:
    stories = opened(now=0, day=23.9, edge=24, two=48, three=72)
    assert ids(last_day(stories, NOW)) == {"now", "day"}
    assert ids(last_day_and_open(stories, NOW)) == {"now", "day", "edge", "two"}
    for story in stories:
        story.closed_at = NOW
    assert ids(last_day_and_open(stories, NOW)) == {"now", "day"}


def test_today_is_the_day_of_a_zone() -> None:
    """12:10 UTC is 00:10 of the next day in Auckland."""
    stories = opened(now=0, before=1)
    assert ids(today(stories, NOW, UTC)) == {"now", "before"}
    assert ids(today(stories, NOW, ZoneInfo("Pacific/Auckland"))) == {"now"}


# --- messages


def test_template_use() -> None:
    """Each message counts once in each column, however many callbacks come."""
    trace = (Check("TPL-10", True, "template_language_exact", {"template": "ready", "language": "es"}),)

    def event(kind: str, message: str, **facts: str) -> Entry:
        return Entry("c", kind, BEGIN, {"message": message, **facts}, trace if kind == "message_accepted" else ())

    log = [
        *(event("message_accepted", name) for name in ("a", "b", "c", "d")),
        Entry("c", "message_accepted", BEGIN, {"message": "text"}),
        event("message_sent", "a"),
        event("message_status", "a", status="delivered"),
        event("message_status", "a", status="delivered"),
        event("message_status", "b", status="read"),
        event("message_failed", "c"),
        event("message_status", "c", status="undelivered"),
        event("message_status", "text", status="read"),
        event("message_status", "d", status="in_orbit"),
    ]
    use = sending.TemplateUse(accepted=4, sent=2, delivered=2, read=1, failed=1)
    assert sending.template_use(log) == {("ready", "es"): use}


def test_window_events_by_day() -> None:
    log = [
        entry("0 a window_closing_soon"),
        entry("1 a window_closed"),
        entry("2 b window_closed"),
        entry("43200 c window_refuted"),
    ]
    days = sending.window_events(log, UTC)
    assert [(day.day, list(kinds.values())) for day, kinds in days.items()] == [(1, [1, 2, 0]), (2, [0, 0, 1])]


def test_refusals() -> None:
    log = [entry("0 a send_refused reason=x"), entry("0 a send_refused reason=y"), entry("0 a send_refused reason=y")]
    assert list(sending.refusals(log).items()) == [("y", 2), ("x", 1)]


# --- all together


def test_nothing_divided_is_blank() -> None:
    """Averages and shares of nothing are blank, counts are 0."""
    counts = {"conversations", "engaged", "closed", "ghost", "bot", "waiting_now"}
    for figure in report((), NOW, Thresholds(sec(60), sec(10))):
        counted = figure.name in counts or (figure.variant in (
            "abandoned_queue_page", "abandoned_segment_page", "short", "requested", "accepted", "rejected", "missed"
        ) and figure.name != "session")  # fmt: skip
        assert figure.value == (0 if counted else None), figure


def test_the_report_has_every_figure() -> None:
    found = {(each.name, each.variant): each.value for each in report(STORIES, NOW, Thresholds(sec(60), sec(10)))}
    assert found["first_wait", ""] == sec(290) / 6
    assert found["service_level", "queue"] == 2 / 3
    assert found["abandoned", "short"] == 1
    assert found["consult", "average"] == sec(20)
    assert found["conversations", ""] == 8
    assert found["engaged", ""] == 4


def test_conversations_by_queue() -> None:
    assert {queue: {each.id for each in stories} for queue, stories in by_queue(STORIES).items()} == {
        "-": {"c5"},
        "all": {"c1", "c2", "c6", "c7", "c8"},
        "billing": {"c3", "c4"},
    }


def test_what_was_opened_before_the_log_is_left_out() -> None:
    assert tell(LOG[3:])[0].id == "c2"
    assert "c1" not in {each.id for each in tell(LOG[3:])}


EVENTS = st.lists(
    st.builds(
        lambda kind, conversation, seconds, by: Entry(
            conversation, kind, at(seconds), {"by": by, "agent": by, "queue": by}
        ),
        st.sampled_from([*MOMENTS, "something_else"]),
        st.sampled_from(["a", "b", None]),
        st.integers(0, 1000),
        st.sampled_from(["ana", "bob", "system", ""]),
    ),
    max_size=40,
).map(lambda log: sorted(log, key=lambda each: each.at))


@given(EVENTS)
def test_any_log_gives_a_report(log: list[Entry]) -> None:
    """Total, and no share below 0; those of a part in its whole not above 1."""
    stories = tell(log)
    for figure in report(stories, NOW, Thresholds(sec(60), sec(10))):
        if isinstance(figure.value, float):
            assert figure.value >= 0
            assert figure.variant == "of_escalated" or figure.value <= 1
    assert working.bots(stories)["total"] <= len(stories)
    assert tell(log) == stories
