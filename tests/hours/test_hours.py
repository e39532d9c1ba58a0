"""Operating hours (HRS-1, HRS-2): zones with daylight saving, past midnight, exceptions and holidays."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_omnichannel.adapters import holiday_calendar
from wa_omnichannel.adapters.holiday_calendar import PublicHolidays
from wa_omnichannel.errors import InvalidValue, MissingExtra
from wa_omnichannel.hours import (
    EVERY_DAY,
    Block,
    Exceptional,
    Holiday,
    OperatingHours,
    Scope,
    Situation,
    Status,
)

MADRID = "Europe/Madrid"
# Gaps and overlaps of one hour, of half an hour, at midnight, and a day that never was.
ZONES = [MADRID, "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia"]
CHANGES = [
    date(2026, 3, 29),
    date(2026, 10, 25),
    date(2026, 3, 8),
    date(2026, 4, 5),
    date(2018, 11, 4),
    date(2011, 12, 30),
]
QUARTERS = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))
DAYS = st.sampled_from(CHANGES).flatmap(lambda day: st.integers(-3, 3).map(lambda n: day + timedelta(days=n)))
BLOCKS = st.builds(
    Block,
    st.lists(st.sampled_from(EVERY_DAY), max_size=4),
    QUARTERS,
    QUARTERS,
    st.integers(1, 3),
    st.sampled_from([date(2001, 1, 1), date(2011, 12, 28), date(2026, 3, 20)]),
    st.sampled_from([None, date(2026, 4, 4), date(2030, 1, 1)]),
)
HOURS = st.builds(
    OperatingHours,
    st.just("h"),
    st.sampled_from(ZONES),
    st.lists(BLOCKS, max_size=3).map(tuple),
    st.lists(st.builds(Holiday, st.just("fair"), DAYS), max_size=2).map(tuple),
    st.lists(st.builds(Exceptional, DAYS, st.lists(st.tuples(QUARTERS, QUARTERS), max_size=2).map(tuple)), max_size=2,
             unique_by=lambda exception: exception.day).map(tuple),
)  # fmt: skip
INSTANTS = st.builds(
    lambda day, minutes: datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minutes),
    DAYS,
    st.integers(-720, 2160),
)


def by_the_clock(hours: OperatingHours, now: datetime) -> bool:
    """Decide by looking at the clock on the wall, day by day."""
    wall = now.astimezone(hours.zone).replace(tzinfo=None)
    if hours.holiday(wall.date()):
        return False
    return any(_covers(hours, wall.date() - timedelta(days=back), wall) for back in (0, 1))


def _covers(hours: OperatingHours, day: date, wall: datetime) -> bool:
    special = [exception.hours for exception in hours.exceptions if exception.day == day]
    stretches = special[0] if special else [(b.start, b.end) for b in hours.blocks if _begins(b, day)]
    for start, end in stretches:
        finish = datetime.combine(day if end > start else day + timedelta(days=1), end)
        if datetime.combine(day, start) <= wall < finish:
            return True
    return False


def _begins(block: Block, day: date) -> bool:
    monday = block.since - timedelta(days=block.since.weekday())
    in_week = (day - monday).days // 7 % block.every == 0
    return day.weekday() in block.days and in_week and block.since <= day <= (block.until or day)


def twice(hours: OperatingHours, now: datetime) -> bool:
    """Tell whether the clock on the wall shows this time twice."""
    local = now.astimezone(hours.zone)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


@given(HOURS, INSTANTS)
def test_hrs_1_open_is_what_the_clock_on_the_wall_says(hours: OperatingHours, now: datetime) -> None:
    if not twice(hours, now):
        assert hours.is_open(now) == by_the_clock(hours, now)
    elif by_the_clock(hours, now):
        assert hours.is_open(now)


@given(HOURS, INSTANTS)
def test_hrs_1_the_next_opening_is_open_and_nothing_before_it_is(hours: OperatingHours, now: datetime) -> None:
    opening = hours.next_open(now)
    assert (opening == now) == hours.is_open(now)
    if opening is None:
        return
    assert hours.is_open(opening)
    step = max((opening - now) / 40, timedelta(minutes=1))
    at = now
    while at < opening:
        assert not hours.is_open(at)
        at += step


@given(HOURS, INSTANTS)
def test_hrs_1_it_stays_open_until_the_next_closing(hours: OperatingHours, now: datetime) -> None:
    closing = hours.next_close(now)
    if closing is None:
        return
    assert hours.is_open(now)
    assert hours.is_open(closing - timedelta(seconds=1))
    assert not hours.is_open(closing)


@given(HOURS, INSTANTS, st.sampled_from([timezone(timedelta(hours=9)), ZoneInfo("America/New_York")]))
def test_hrs_1_the_zone_of_the_instant_does_not_matter(hours: OperatingHours, now: datetime, zone: Any) -> None:
    assert hours.situation(now) == hours.situation(now.astimezone(zone))


@given(HOURS, INSTANTS)
def test_a_situation_agrees_with_itself(hours: OperatingHours, now: datetime) -> None:
    found = hours.situation(now)
    assert (found.status is Status.OPEN) == hours.is_open(now)
    assert bool(found.holiday) == (found.status is Status.HOLIDAY)
    if found.until is not None:
        assert hours.is_open(found.until) != hours.is_open(now)


@given(HOURS, INSTANTS, st.integers(1, 600))
def test_a_closed_period_has_one_name_from_beginning_to_end(hours: OperatingHours, now: datetime, later: int) -> None:
    found = hours.situation(now)
    if found.status is not Status.OPEN and found.until is not None:
        at = min(now + timedelta(minutes=later), found.until - timedelta(seconds=1))
        if at >= now:
            assert hours.situation(at).until == found.until


def madrid(*blocks: Block, **more: Any) -> OperatingHours:
    return OperatingHours("h", MADRID, blocks or (Block(),), **more)


def local(day: date, hour: int, minute: int = 0, fold: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(MADRID), fold=fold)


def test_hrs_1_default_hours_are_eight_to_five_on_workdays() -> None:
    monday = date(2026, 1, 5)
    hours = madrid()
    assert [hour for hour in range(24) if hours.is_open(local(monday, hour))] == list(range(8, 17))
    assert not hours.is_open(local(date(2026, 1, 4), 10))


def test_hrs_1_hours_follow_daylight_saving() -> None:
    hours = madrid()
    assert hours.next_open(local(date(2026, 3, 27), 20)) == datetime(2026, 3, 30, 6, tzinfo=UTC)
    assert hours.next_open(local(date(2026, 3, 20), 20)) == datetime(2026, 3, 23, 7, tzinfo=UTC)


def test_a_block_that_opens_in_the_gap_opens_when_clocks_go_forward() -> None:
    """02:30 does not exist on that day."""
    hours = madrid(Block(EVERY_DAY, time(2, 30), time(5)))
    spring = date(2026, 3, 29)
    assert hours.next_open(local(spring, 1)) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert hours.next_close(datetime(2026, 3, 29, 1, tzinfo=UTC)) == datetime(2026, 3, 29, 3, tzinfo=UTC)


def test_a_block_that_ends_in_the_overlap_ends_the_second_time() -> None:
    """02:30 comes twice on that day."""
    hours = madrid(Block(EVERY_DAY, time(1), time(2, 30)))
    autumn = date(2026, 10, 25)
    assert hours.is_open(local(autumn, 2, 15, fold=1))
    assert not hours.is_open(local(autumn, 2, 30, fold=1))
    later = madrid(Block(EVERY_DAY, time(2, 30), time(4)))
    assert later.next_open(local(autumn, 1)) == local(autumn, 2, 30, fold=0).astimezone(UTC)


def test_hrs_1_past_midnight() -> None:
    hours = madrid(Block((4,), time(22), time(6)))
    friday = date(2026, 1, 9)
    assert hours.is_open(local(friday, 23))
    assert hours.is_open(local(date(2026, 1, 10), 5, 59))
    assert not hours.is_open(local(date(2026, 1, 10), 6))
    assert not hours.is_open(local(friday, 5))


def test_hrs_1_all_day_every_day_never_closes() -> None:
    hours = madrid(Block.all_day())
    assert hours.situation(local(date(2026, 3, 29), 2)) == Situation(Status.OPEN, None)


def test_hrs_1_end_date() -> None:
    hours = madrid(Block(EVERY_DAY, until=date(2026, 1, 5)))
    assert hours.is_open(local(date(2026, 1, 5), 16))
    assert hours.next_open(local(date(2026, 1, 5), 17)) is None
    assert hours.situation(local(date(2026, 1, 5), 17)) == Situation(Status.OUT_OF_HOURS, None)


def test_hrs_2_holidays_override_recurring_hours_and_have_a_reason() -> None:
    hours = madrid(Block.all_day(), holidays=(Holiday("Feria", date(2026, 4, 20), date(2026, 4, 25)),))
    assert not hours.is_open(local(date(2026, 4, 20), 0))
    assert hours.situation(local(date(2026, 4, 22), 12)) == Situation(
        Status.HOLIDAY, local(date(2026, 4, 26), 0).astimezone(UTC), "Feria"
    )
    assert hours.next_close(local(date(2026, 4, 19), 12)) == local(date(2026, 4, 20), 0)


def test_hrs_2_a_night_shift_ends_where_the_holiday_begins() -> None:
    hours = madrid(Block(EVERY_DAY, time(22), time(6)), holidays=(Holiday("Navidad", date(2026, 12, 25)),))
    assert hours.is_open(local(date(2026, 12, 24), 23))
    assert not hours.is_open(local(date(2026, 12, 25), 1))
    assert not hours.is_open(local(date(2026, 12, 25), 23))
    assert hours.is_open(local(date(2026, 12, 26), 1))  # begun on the holiday's evening, after midnight


def test_hrs_2_a_single_day_with_hours_of_its_own_goes_before_the_holiday() -> None:
    hours = madrid(
        holidays=(Holiday("Fair", date(2026, 1, 5)),),
        exceptions=(Exceptional(date(2026, 1, 5), ((time(10), time(12)),)), Exceptional(date(2026, 1, 6))),
    )
    assert hours.is_open(local(date(2026, 1, 5), 11))
    assert not hours.is_open(local(date(2026, 1, 5), 13))
    assert not hours.is_open(local(date(2026, 1, 6), 11))


@pytest.mark.parametrize(
    ("scope", "hour_9_open"),
    [
        (Scope.ONE, [True, False, True]),
        (Scope.FOLLOWING, [True, False, False]),
        (Scope.ALL, [False, False, False]),
    ],
)
def test_hrs_1_edit_one_the_following_or_all(scope: Scope, hour_9_open: list[bool]) -> None:
    old, new = Block((0,)), Block((0,), time(10), time(12))
    mondays = [date(2026, 1, 5), date(2026, 1, 12), date(2026, 1, 19)]
    hours = madrid(old).edited(old, mondays[1], new, scope)
    assert [hours.is_open(local(monday, 9)) for monday in mondays] == hour_9_open
    assert hours.is_open(local(mondays[1], 11))


def test_hrs_1_an_edit_of_one_event_keeps_the_other_events_of_the_day() -> None:
    morning, evening = Block(EVERY_DAY, time(8), time(12)), Block(EVERY_DAY, time(16), time(20))
    day = date(2026, 1, 5)
    hours = madrid(morning, evening).edited(morning, day, Block(start=time(9), end=time(10)), Scope.ONE)
    again = hours.edited(evening, day, Block(start=time(18), end=time(19)), Scope.ONE)
    assert [hour for hour in range(24) if again.is_open(local(day, hour))] == [9, 18]


def test_hrs_1_an_edit_of_an_event_that_is_not_there_is_refused() -> None:
    old = Block((0,))
    with pytest.raises(InvalidValue):
        madrid(old).edited(old, date(2026, 1, 6), old, Scope.ONE)


def test_hrs_2_public_holidays_of_a_country_and_a_region() -> None:
    madrid_region = PublicHolidays("ES", "MD", "es")
    hours = madrid(Block.all_day(), calendars=(madrid_region,))
    assert hours.situation(local(date(2026, 12, 25), 12)).status is Status.HOLIDAY
    assert hours.situation(local(date(2026, 12, 25), 12)).holiday == madrid_region.holiday(date(2026, 12, 25))
    assert madrid_region.holiday(date(2026, 5, 2))
    assert PublicHolidays("ES").holiday(date(2026, 5, 2)) is None
    assert madrid_region.holiday(date(2026, 5, 5)) is None


@pytest.mark.parametrize("wrong", [("XX",), ("ES", "QQ"), ("ES", "", "zz")])
def test_public_holidays_of_nowhere_are_refused(wrong: tuple[str, ...]) -> None:
    with pytest.raises(InvalidValue):
        PublicHolidays(*wrong)


def test_public_holidays_without_the_package_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(holiday_calendar, "import_module", missing)
    with pytest.raises(MissingExtra, match=r"wa-omnichannel\[calendar\]"):
        PublicHolidays("ES")


@pytest.mark.parametrize(
    "make",
    [
        lambda: OperatingHours("h", "Europe/Nowhere"),
        lambda: OperatingHours("h", "../etc/passwd"),
        lambda: Block((7,)),
        lambda: Block(every=0),
        lambda: Block(start=time(8, tzinfo=UTC)),
        lambda: Holiday("x", date(2026, 1, 2), date(2026, 1, 1)),
        lambda: madrid().is_open(datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)),
    ],
)
def test_hours_that_cannot_work_are_refused(make: Any) -> None:
    with pytest.raises(InvalidValue):
        make()


def test_a_day_that_never_was_has_no_hours() -> None:
    """Samoa went from 29 to 31 December 2011."""
    apia = OperatingHours("h", "Pacific/Apia", (Block.all_day((4,)),))
    assert apia.spans(date(2011, 12, 30), date(2011, 12, 30)) == ()
