"""Bots in a whole channel: first in line, once, and never in anybody's way."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from tests.support.desk import Desk
from tests.support.shop import ANA, NOW, NUMBER, shop
from tests.support.stage import FAULTS, Stage

from wa_omnichannel.adapters.memory import AsyncMemoryStore
from wa_omnichannel.adapters.sqlite import SqliteStore
from wa_omnichannel.addresses import Address
from wa_omnichannel.automation import Automation, LifeRules, WorkstreamLife
from wa_omnichannel.bots import Choice, Escalation, Menu, MenuBot, Reply, Turn
from wa_omnichannel.conversation import Status
from wa_omnichannel.errors import Refused
from wa_omnichannel.explain.texts import SENTENCES
from wa_omnichannel.hours import OperatingHours
from wa_omnichannel.machine import FixedClock
from wa_omnichannel.messages import Inbound, Text
from wa_omnichannel.omnichannel import AsyncOmnichannel
from wa_omnichannel.overflow import Action, Handling, Limit, Overflow
from wa_omnichannel.routing import Mode, RouteRule
from wa_omnichannel.rules import Rules
from wa_omnichannel.surveys import BotOnly, Survey, SurveySettings
from wa_omnichannel.testing.fakes import AsyncRecordingTransport
from wa_omnichannel.workforce import Presence

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
MENU = Menu(
    "start",
    {"es": "1 facturas, 2 persona, 3 nada"},
    (
        Choice(("1",), {"es": "Aquí están."}, sets={"topic": "bills"}),
        Choice(("2",), escalate=True, sets={"topic": "person"}),
        Choice(("3",), {"es": "¡Adiós!"}, end=True),
    ),
)
BOT = MenuBot([MENU], {"es": "¿Perdón?"})


def guarded(**more: Any) -> Rules:
    """Return the shop with a bot in front."""
    rules = shop()
    return attrs.evolve(rules, life=LifeRules(workstreams={"main": WorkstreamLife(bot="menu")}), **more)


def desk_of(bot: Callable[[Turn], Any], rules: Rules | None = None) -> Desk:
    desk = Desk(rules or guarded())
    desk._registry.bots = {"menu": bot}
    return desk


def hears(desk: Desk, *texts: str) -> None:
    for text in texts:
        desk.hears(f"IN{len(desk.events(limit=1000))}", Text(text))


def test_bot_1_every_conversation_goes_to_the_bot_first() -> None:
    desk = desk_of(BOT)
    hears(desk, "Hola")
    live = desk.latest()
    assert (live.status, live.bot, live.agent) == (Status.ACTIVE, "menu", None)
    assert desk.said() == ["1 facturas, 2 persona, 3 nada"]
    assert desk.agents()[0].used == 0
    hears(desk, "1")
    assert desk.said()[1:] == ["Aquí están."]
    assert desk.latest().attributes["topic"] == "bills"
    with pytest.raises(Refused):
        desk.accept(desk.latest().id, "ana")


def test_bot_1_bots_work_with_push_only() -> None:
    """WS-3b: in a pick workstream people choose from the first message on."""
    rules = guarded()
    (main,) = rules.workstreams
    desk = desk_of(BOT, attrs.evolve(rules, workstreams=[attrs.evolve(main, mode=Mode.PICK)]))
    hears(desk, "Hola")
    assert (desk.latest().bot, desk.said()) == (None, [])


def test_bot_2_it_escalates_with_facts_and_a_summary_that_only_agents_see() -> None:
    desk = desk_of(BOT)
    hears(desk, "Hola", "2")
    live = desk.latest()
    assert (live.bot, live.agent) == (None, "ana")
    assert live.attributes["topic"] == "person"
    (fact,) = desk.facts("bot_escalated")
    assert (fact["reason"], fact["summary"]) == ("bot_escalated", "start: 2")
    assert "start: 2" not in "".join(desk.said())
    assert [message.author for message in desk.messages(live.id)] == ["customer", "menu", "customer"]


def test_bot_3_it_ends_the_conversation() -> None:
    desk = desk_of(BOT)
    hears(desk, "Hola", "3")
    assert desk.latest().status is Status.CLOSED
    assert desk.said()[-1] == "¡Adiós!"
    assert desk.facts("conversation_closed")[-1]["by"] == "bot"


def test_bot_4_it_never_gets_the_same_conversation_back() -> None:
    desk = desk_of(BOT)
    hears(desk, "Hola", "2", "¿Hay alguien?", "1")
    assert len(desk.said()) == 1
    live = desk.latest()
    assert (live.bots, live.bot) == (("menu",), None)
    desk.close(live.id)
    hears(desk, "Hola otra vez")
    assert desk.latest().bot == "menu"


def fails(_: Turn) -> Reply:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("bot", "reason"),
    [
        (fails, "bot_failed"),
        (lambda _: "Hola", "bot_reply_invalid"),
        (lambda _: Reply(context={"x": True}), "bot_reply_invalid"),
        (lambda _: Reply(escalate=Escalation(), end=True), "bot_reply_invalid"),
    ],
)
def test_a_bot_that_fails_escalates_and_the_timeline_says_why(bot: Callable[[Turn], Any], reason: str) -> None:
    desk = desk_of(bot)
    hears(desk, "Hola")
    assert desk.latest().agent == "ana"
    assert [fact["reason"] for fact in desk.facts("bot_escalated")] == [reason]
    assert reason in SENTENCES
    assert desk.said() == []


def test_a_bot_that_hangs_escalates() -> None:
    release = threading.Event()
    desk = desk_of(lambda _: release.wait())
    desk._registry.bot_patience = SECOND / 20
    hears(desk, "Hola")
    release.set()
    assert [fact["reason"] for fact in desk.facts("bot_escalated")] == ["bot_timed_out"]
    assert desk.latest().agent == "ana"


def test_a_bot_that_no_process_knows_escalates_after_a_while() -> None:
    desk = Desk(guarded())
    hears(desk, "Hola")
    assert desk.latest().bot == "menu"
    desk.waits(MINUTE)
    assert [fact["reason"] for fact in desk.facts("bot_escalated")] == ["bot_unknown"]


def test_an_answer_that_comes_after_the_conversation_was_closed_is_not_sent() -> None:
    desk = desk_of(BOT)

    def slow(_: Turn) -> Reply:
        desk.close(desk.latest().id)
        return Reply((Text("tarde"),))

    desk._registry.bots = {"menu": slow}
    hears(desk, "Hola")
    assert desk.said() == []
    assert desk.latest().status is Status.CLOSED


def test_messages_are_answered_one_by_one_in_order() -> None:
    asked: list[str] = []

    def remembers(turn: Turn) -> Reply:
        asked.append(turn.text)
        seen = turn.context.get("seen", 0)
        assert isinstance(seen, int)
        return Reply((Text(f"{seen}: {turn.text}"),), {"seen": seen + 1})

    desk = desk_of(remembers)
    for n in range(5):
        inbound = desk.provider.webhook(_inbound(f"IN{n}", str(n)), desk.clock.now())
        desk.receive(inbound)
    desk.tick()
    assert asked == list("01234")
    assert desk.said() == ["0: 0", "1: 1", "2: 2", "3: 3", "4: 4"]


def _inbound(sid: str, text: str) -> Inbound:
    return Inbound(sid, NUMBER, (ANA,), Text(text))


def test_acl_5_a_conversation_that_only_the_bot_had_is_closed_after_half_an_hour() -> None:
    desk = desk_of(BOT)
    hears(desk, "Hola")
    desk.waits(30 * MINUTE)
    assert desk.latest().status is Status.ACTIVE
    desk.waits(SECOND)
    assert desk.latest().status is Status.CLOSED


@pytest.mark.parametrize(("kind", "surveys"), [(BotOnly.NONE, 0), (BotOnly.SAME, 1)])
def test_sur_5_the_settings_decide_about_conversations_that_only_the_bot_had(kind: BotOnly, surveys: int) -> None:
    rules = guarded()
    settings = SurveySettings(Survey("after"), bot_only=kind)
    desk = desk_of(BOT, attrs.evolve(rules, numbers=[attrs.evolve(n, survey=settings) for n in rules.numbers]))
    hears(desk, "Hola", "3")
    assert len(desk.said()) == 2 + surveys


def test_am_8_a_greeting_comes_before_the_words_of_the_bot() -> None:
    rules = guarded()
    desk = desk_of(BOT, attrs.evolve(rules, life=attrs.evolve(rules.life, messages=Automation())))
    hears(desk, "Hola")
    greeting, menu = desk.said()
    assert greeting != menu == MENU.says["es"]


# --- once --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", FAULTS)
def test_each_message_of_the_bot_is_sent_once_whatever_breaks(fault: str) -> None:
    def story(stage: Stage) -> None:
        stage.registry.bots = {"menu": lambda _: Reply((Text("uno"), Text("dos")))}
        stage.insist(stage.hears)
        stage.settle()

    kind, break_it = FAULTS[fault]
    whole = Stage(guarded())
    story(whole)
    for place, step in enumerate(whole.steps[:60]):
        if isinstance(step, kind):
            stage = Stage(guarded())
            stage.planted = (place, break_it)
            story(stage)
            assert stage.arrived() == [Text("uno"), Text("dos")]


KILLED = """
import os, sys
from wa_omnichannel.adapters.sqlite import SqliteStore
from pathlib import Path
sys.path.insert(0, str(Path({root!r})))
from tests.bots.test_flows import killed_channel
from wa_omnichannel.bots import Reply
from wa_omnichannel.messages import Text

def dies(turn):
    os.kill(os.getpid(), 9)

with SqliteStore({path!r}) as store:
    killed_channel(store, dies).tick()
"""


def killed_channel(store: SqliteStore, bot: Callable[[Turn], Any]) -> Desk:
    desk = Desk(guarded(), store=store)
    desk._registry.bots = {"menu": bot}
    return desk


def test_a_worker_that_is_killed_during_a_turn_leaves_nothing_behind(tmp_path) -> None:
    """kill -9 while the bot thinks: another worker asks it again, and the customer gets each message once."""
    path, root = str(tmp_path / "desk.db"), str(Path(__file__).parents[2])
    asked: list[str] = []

    def answers(turn: Turn) -> Reply:
        asked.append(turn.message)
        return Reply((Text("uno"), Text("dos")))

    with SqliteStore(path) as store:
        desk = killed_channel(store, answers)
        desk.receive(desk.provider.webhook(_inbound("IN1", "Hola"), desk.clock.now()))
    command = [sys.executable, "-c", KILLED.format(root=root, path=path)]
    child = subprocess.run(command, check=False, capture_output=True, timeout=60)
    assert child.returncode == -9, child.stderr.decode()
    with SqliteStore(path) as store:
        desk = killed_channel(store, answers)
        desk.tick()
        assert asked == []
        desk.waits(MINUTE)
        assert len(asked) == 1
        assert desk.said() == ["uno", "dos"]


@pytest.mark.anyio
async def test_a_plain_bot_never_blocks_an_event_loop_and_a_coroutine_is_awaited() -> None:
    loop_ran, memory = asyncio.Event(), Desk(guarded())
    running = asyncio.get_running_loop()

    def plain(turn: Turn) -> Reply:
        future = asyncio.run_coroutine_threadsafe(_set(loop_ran), running)
        future.result(10)  # hangs for ever if this blocks the loop
        return Reply((Text("plain"),))

    async def awaited(turn: Turn) -> Reply:
        await asyncio.sleep(0)
        return Reply((Text("awaited"),))

    clock = FixedClock(NOW)
    for bot, n in ((plain, 1), (awaited, 2)):
        channel = AsyncOmnichannel(
            guarded(),
            store=AsyncMemoryStore(memory.memory),
            transport=AsyncRecordingTransport(memory.provider),
            clock=clock,
            bots={"menu": bot},
        )
        await channel.receive(memory.provider.webhook(_inbound(f"IN{n}", "Hola"), NOW))
        await channel.tick()
    assert loop_ran.is_set()
    assert memory.said() == ["plain", "awaited"]


async def _set(event: asyncio.Event) -> None:
    event.set()


def test_ovf_6_the_bot_talks_although_the_queue_is_full_and_its_escalation_is_counted() -> None:
    rules = guarded()
    (main,) = rules.workstreams
    full = Overflow(limit=Limit(1, Handling(Action.END)))
    queues = [attrs.evolve(queue, overflow=full) for queue in rules.queues]
    streams = [attrs.evolve(main, routes=(RouteRule("to all", "all"),))]
    desk = desk_of(BOT, attrs.evolve(rules, queues=queues, workstreams=streams))
    desk.set_presence("ana", Presence.AWAY)
    others = [Address(f"+3460000010{n}") for n in range(2)]
    for n, text in enumerate(("Hola", "2")):
        for sender in others:
            desk.hears(f"IN{sender}{n}", Text(text), sender=sender)
    assert sorted(each.conversation.status.value for each in desk.conversations()) == ["closed", "open"]
    assert desk.facts("conversation_closed")[-1]["by"] == "overflow"


def test_bot_7_overflow_counts_only_after_the_bot_escalated() -> None:
    rules = guarded()
    closed = OperatingHours("never", "UTC", ())
    ends = Overflow(outside_hours=Handling(Action.END))
    (main,) = rules.workstreams
    everything = attrs.evolve(main, routes=(RouteRule("everything", "all"),))
    queues = [attrs.evolve(queue, hours=closed, overflow=ends) for queue in rules.queues]
    desk = desk_of(BOT, attrs.evolve(rules, queues=queues, workstreams=[everything]))
    hears(desk, "Hola")
    assert (desk.latest().status, desk.latest().bot) == (Status.ACTIVE, "menu")
    hears(desk, "2")
    assert desk.latest().status is Status.CLOSED
    assert desk.facts("conversation_closed")[-1]["by"] == "overflow"
