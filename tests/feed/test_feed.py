"""The feed of events: resumable, in order, and a handler misses nothing, whatever dies."""

from __future__ import annotations

import asyncio
import functools
import itertools
import random
import threading
from datetime import timedelta
from typing import Any

import pytest
from tests.support.desk import Desk
from tests.support.shop import NOW, shop
from tests.support.stage import Crash, Stage

from wa_omnichannel._calls import AsyncCalls, Calls
from wa_omnichannel._flows.feeding import BATCH, LONGEST_REST, TURN, Subscription
from wa_omnichannel.adapters.memory import AsyncMemoryStore
from wa_omnichannel.machine import FixedClock, RandomIds
from wa_omnichannel.omnichannel import AsyncOmnichannel
from wa_omnichannel.ports import Happening
from wa_omnichannel.testing.fakes import AsyncRecordingTransport

SECOND = timedelta(seconds=1)


def busy(messages: int = 3) -> Desk:
    desk = Desk(shop())
    for n in range(messages):
        desk.hears(f"IN{n}")
    return desk


class Ears:
    """A handler that remembers what it was told."""

    def __init__(self) -> None:
        self.heard: list[Happening] = []

    def __call__(self, happening: Happening) -> None:
        self.heard.append(happening)

    @property
    def positions(self) -> list[int]:
        return [happening.position for happening in self.heard]


# --- asking ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 2, 7, 100])
def test_the_feed_is_resumable_at_every_position(limit: int) -> None:
    desk, seen, after = busy(), list[Happening](), 0
    while page := desk.events(after, limit):
        assert len(page) <= limit
        seen += page
        after = page[-1].position
    assert tuple(seen) == desk.events(limit=1000)


@pytest.mark.parametrize("limit", [1, 100])
def test_kinds_choose_and_keep_the_order(limit: int) -> None:
    desk = busy()
    expected = [h for h in desk.events(limit=1000) if h.event.kind in ("message_received", "routed")]
    seen, after = list[Happening](), 0
    while page := desk.events(after, limit, kinds=("message_received", "routed")):
        seen += page
        after = page[-1].position
    assert seen == expected
    assert desk.events(kinds=()) == ()


# --- being told --------------------------------------------------------------------------------------------


def test_a_handler_is_told_everything_from_the_beginning_once_and_in_order() -> None:
    desk, ears = busy(), Ears()
    desk.on("ears", ears)
    desk.tick()
    desk.hears("IN9")
    desk.waits(2 * SECOND)
    assert ears.heard == list(desk.events(limit=1000))
    desk.waits(2 * SECOND)
    assert len(ears.heard) == len(desk.events(limit=1000))


def test_a_handler_is_told_the_kinds_it_asked_for() -> None:
    desk, ears = busy(), Ears()
    desk.on("ears", ears, kinds=["message_received"])
    desk.tick()
    assert [happening.event.kind for happening in ears.heard] == ["message_received"] * 3


def test_more_than_one_batch_is_told_without_a_pause() -> None:
    desk, ears = busy(BATCH), Ears()
    desk.on("ears", ears)
    desk.tick()
    assert len(ears.heard) == len(desk.events(limit=10_000)) > BATCH


def test_after_a_restart_a_handler_goes_on_where_it_was() -> None:
    desk, first, second = busy(), Ears(), Ears()
    desk.on("ears", first)
    desk.tick()
    again = Desk(shop(), store=desk.memory)
    again._outside.ids = RandomIds()
    again.clock.advance(2 * SECOND)
    again.on("ears", second)
    again.tick()
    assert not set(first.positions) & set(second.positions)
    again.hears("IN9")
    again.waits(2 * SECOND)
    assert first.heard + second.heard == list(again.events(limit=1000))


def test_a_handler_of_another_process_is_left_alone() -> None:
    desk, ears = busy(), Ears()
    desk.on("ears", ears)
    desk.tick()
    other = Desk(shop(), store=desk.memory)
    other._outside.ids = RandomIds()
    other.hears("IN9")
    other.clock.advance(2 * SECOND)
    assert other.tick().errors == ()
    desk.waits(2 * SECOND)
    assert ears.heard == list(desk.events(limit=1000))


def test_a_handler_that_fails_is_told_the_same_again_later_each_time_and_others_go_on() -> None:
    desk, ears, fine = busy(), Ears(), Ears()
    broken = True
    tried: list[Any] = []

    def moody(happening: Happening) -> None:
        if broken and happening.event.kind == "routed":
            tried.append((desk.clock.now(), happening.position))
            raise ValueError("not today")
        ears(happening)

    desk.on("moody", moody)
    desk.on("fine", fine)
    for _ in range(2000):
        desk.waits(SECOND)
    assert len({position for _, position in tried}) == 1
    pauses = [later[0] - earlier[0] for earlier, later in itertools.pairwise(tried)]
    assert pauses == sorted(pauses)
    assert max(pauses) <= LONGEST_REST + SECOND
    assert fine.heard == list(desk.events(limit=1000))
    broken = False
    desk.waits(LONGEST_REST + SECOND)
    assert ears.heard == list(desk.events(limit=1000))


def test_a_consumer_that_is_killed_a_hundred_times_misses_nothing() -> None:
    """At least once, and in order: what is told again is told from a place that was reached before."""
    chance = random.Random(7)
    stage, ears, deaths = Stage(), Ears(), 0

    def mortal(happening: Happening) -> None:
        ears(happening)

    for n in range(60):
        stage.insist(functools.partial(stage.hears, f"IN{n}"))
    stage.registry.subscriptions["ears"] = Subscription("ears", frozenset(), mortal)
    everything = [happening.position for happening in stage.desk.events(limit=10_000)]
    while deaths < 100:
        stage.planted = (len(stage.steps) + chance.randrange(60), lambda *_: _die(stage))
        try:
            stage.play(stage.ticks())
        except Crash:
            deaths += 1
            stage.pass_time(TURN + SECOND)
        else:
            sid = f"MORE{chance.random()}"
            stage.insist(functools.partial(stage.hears, sid))
            stage.pass_time(2 * SECOND)
    stage.planted = None
    for _ in range(5):
        stage.pass_time(TURN + SECOND)
        stage.works()
    everything = [happening.position for happening in stage.desk.events(limit=10_000)]
    assert set(ears.positions) == set(everything)
    reached = 0
    for position in ears.positions:
        assert position <= everything[0] or everything[everything.index(position) - 1] <= reached
        reached = max(reached, position)


def _die(_: Stage) -> Any:
    raise Crash


# --- both colours ------------------------------------------------------------------------------------------


async def a_coroutine(happening: Happening) -> str:
    await asyncio.sleep(0)
    return happening.event.kind


def a_function(happening: Happening) -> str:
    return happening.event.kind


class ACallable:
    """An object whose call is a coroutine function."""

    async def __call__(self, happening: Happening) -> str:
        return happening.event.kind


@pytest.mark.parametrize("function", [a_coroutine, a_function, ACallable()])
@pytest.mark.parametrize("limit", [None, 10 * SECOND])
def test_functions_of_either_colour_are_called_from_either_colour(function: Any, limit: timedelta | None) -> None:
    happening = busy().events()[0]
    expected = happening.event.kind
    assert Calls().call(function, happening, limit).value == expected
    assert asyncio.run(AsyncCalls().call(function, happening, limit)).value == expected


def test_a_function_that_hangs_is_given_up_and_blocks_nobody() -> None:
    release = threading.Event()

    def hangs(_: object) -> None:
        release.wait()

    async def both() -> tuple[Any, int]:
        ticks = 0

        async def beat() -> int:
            nonlocal ticks
            while ticks < 5:
                ticks += 1
                await asyncio.sleep(0)
            return ticks

        return await asyncio.gather(AsyncCalls().call(hangs, 1, SECOND / 20), beat())

    called = Calls().call(hangs, 1, SECOND / 20)
    assert (called.timed_out, called.error) == (True, "TimeoutError")
    awaited, ticks = asyncio.run(both())
    assert (awaited.timed_out, ticks) == (True, 5)
    release.set()


@pytest.mark.anyio
async def test_a_channel_of_coroutines_tells_handlers_of_both_colours() -> None:
    desk = busy()
    clock, first, second = FixedClock(NOW), Ears(), Ears()

    async def awaited(happening: Happening) -> None:
        second(happening)

    channel = AsyncOmnichannel(
        shop(),
        store=AsyncMemoryStore(desk.memory),
        transport=AsyncRecordingTransport(desk.provider),
        clock=clock,
    )
    channel.on("first", first)
    channel.on("second", awaited)
    await channel.tick()
    assert first.heard == second.heard == list(desk.events(limit=1000))
    assert await channel.events(kinds=["routed"]) == desk.events(kinds=["routed"])
