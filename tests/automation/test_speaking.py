"""Automated messages in a whole channel: on the occasion, in its commit, once, and bound by the rules of sending."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import attrs
import pytest
from tests.support.desk import Desk
from tests.support.shop import ANA, NOW, NUMBER, ORDER_READY, OTHER_NUMBER, shop
from tests.support.stage import FAULTS, Stage

from wa_omnichannel.addresses import Address
from wa_omnichannel.automation import (
    AUTHOR,
    CATALOGUE,
    Automation,
    CustomMessage,
    Fallback,
    LifeRules,
    Trigger,
    WorkstreamLife,
)
from wa_omnichannel.automation.memory import VOLLEYS
from wa_omnichannel.consent import Scope, Statement
from wa_omnichannel.conversation import Direction
from wa_omnichannel.errors import Refused
from wa_omnichannel.hours import Block, Holiday, OperatingHours
from wa_omnichannel.messages import StatusReport, TemplateMessage, Text, Unsupported
from wa_omnichannel.overflow import Action, Handling, Limit, MaximumWait, Overflow
from wa_omnichannel.routing import RouteRule
from wa_omnichannel.rules import Rules
from wa_omnichannel.workforce import Presence

HOUR = timedelta(hours=1)
SPANISH = {trigger: texts["es"] for trigger, texts in CATALOGUE.items()}


def talking(
    channel: tuple[CustomMessage, ...] = (),
    number: tuple[CustomMessage, ...] = (),
    hours: OperatingHours | None = None,
    allowed: bool = True,
) -> Rules:
    """Return the shop with automated messages."""
    rules = shop()
    life = LifeRules(
        messages=Automation(channel, {NUMBER: number} if number else {}),
        workstreams={"main": WorkstreamLife(automated_messages=allowed)},
    )
    queues = tuple(attrs.evolve(queue, hours=hours) for queue in rules.queues)
    return attrs.evolve(rules, life=life, queues=queues)


def test_a_conversation_begins_with_a_greeting_and_an_agent_is_announced() -> None:
    desk = Desk(talking())
    desk.hears("IN1")
    assert desk.said() == [SPANISH[Trigger.GREETING]]
    desk.accept(desk.latest().id, "ana")
    desk.tick()
    assert desk.said()[1:] == ["Ana Ruiz le atiende ahora."]
    desk.hears("IN2")
    assert len(desk.said()) == 2
    desk.end(desk.latest().id, agent="ana")
    desk.tick()
    assert desk.said()[2:] == ["Ana Ruiz ha finalizado la conversación. Escríbanos de nuevo cuando nos necesite."]


def test_am_6_automated_messages_have_an_author_of_their_own() -> None:
    desk = Desk(talking())
    desk.hears("IN1")
    (message,) = [known for known in desk.messages(desk.latest().id) if known.direction is Direction.OUT]
    assert message.author == AUTHOR
    (fact,) = [fact for fact in desk.facts("message_accepted") if fact["by"] == AUTHOR]
    assert fact["occasion"] == "greeting"


def test_am_1_a_number_has_its_own_words_and_the_others_those_of_the_channel() -> None:
    channel = CustomMessage(Trigger.GREETING, {"es": "Buenas desde {QueueName}"})
    number = CustomMessage(Trigger.GREETING, {"es": "Hola desde la tienda"})
    desk = Desk(talking((channel,), (number,)))
    desk.hears("IN1")
    desk.hears("IN2", number=OTHER_NUMBER)
    assert desk.said() == ["Hola desde la tienda", "Buenas desde all"]


def test_am_2_a_deactivated_message_is_not_sent() -> None:
    desk = Desk(talking((CustomMessage(Trigger.GREETING, active=False),)))
    desk.hears("IN1")
    assert desk.said() == []


def test_am_4_a_workstream_can_switch_them_all_off_and_they_are_on_by_default() -> None:
    assert WorkstreamLife().automated_messages
    desk = Desk(talking(allowed=False))
    desk.hears("IN1")
    desk.accept(desk.latest().id, "ana")
    desk.tick()
    assert desk.said() == []
    assert "automated_message_withheld" not in {found.event.kind for found in desk.events(limit=1000)}


def test_a_channel_without_settings_says_nothing_by_itself() -> None:
    desk = Desk(shop())
    desk.hears("IN1")
    assert desk.said() == []


def test_a_message_that_nobody_can_read_is_answered() -> None:
    desk = Desk(talking())
    desk.hears("IN1", Unsupported("sticker"))
    assert desk.said() == [SPANISH[Trigger.GREETING], SPANISH[Trigger.UNSUPPORTED_MESSAGE]]


# --- overflow ----------------------------------------------------------------------------------------------


def overflowing(overflow: Overflow, *channel: CustomMessage, hours: OperatingHours | None = None) -> Desk:
    """Return a desk that talks, where nobody works and the queue overflows like that."""
    rules = talking(channel, hours=hours)
    queues = tuple(attrs.evolve(queue, overflow=overflow) for queue in rules.queues)
    streams = tuple(attrs.evolve(each, routes=(RouteRule("to all", "all"),)) for each in rules.workstreams)
    desk = Desk(attrs.evolve(rules, queues=queues, workstreams=streams))
    desk.set_presence("ana", Presence.AWAY)
    return desk


END = Handling(Action.END)


def test_ovf_10_whoever_finds_the_queue_full_is_told_and_not_greeted() -> None:
    desk = overflowing(Overflow(limit=Limit(1, END)))
    desk.hears("IN1", sender=Address("+34600000001"))
    desk.hears("IN2", sender=Address("+34600000002"))
    assert desk.said() == [SPANISH[Trigger.GREETING], SPANISH[Trigger.OVERFLOW_ENDED]]


@pytest.mark.parametrize(
    "custom", [CustomMessage(Trigger.OVERFLOW_ENDED, {"es": "Hoy no"}), CustomMessage(Trigger.GREETING, active=False)]
)
def test_ovf_10_whoever_waited_too_long_is_told_in_words_that_can_be_changed(custom: CustomMessage) -> None:
    desk = overflowing(Overflow(wait=MaximumWait(timedelta(minutes=5), END)), custom)
    desk.hears("IN1")
    desk.clock.advance(timedelta(minutes=5, seconds=1))
    desk.tick()
    assert desk.said()[-1] == (custom.texts.get("es") or SPANISH[Trigger.OVERFLOW_ENDED])


def test_hrs_4_outside_the_hours_the_customer_hears_that_first_and_then_that_it_ended() -> None:
    desk = overflowing(Overflow(END), hours=OperatingHours("night", "UTC", (Block(start=time(22), end=time(23)),)))
    desk.hears("IN1")
    assert desk.said() == [SPANISH[Trigger.OUT_OF_HOURS], SPANISH[Trigger.OVERFLOW_ENDED]]


# --- hours -------------------------------------------------------------------------------------------------

OFFICE = OperatingHours(
    "office", ZoneInfo("UTC"), (Block(range(7), time(9), time(17)),), (Holiday("1 May", NOW.date()),)
)
EVENING = datetime(2026, 5, 2, 20, tzinfo=NOW.tzinfo)


def test_am_10_hours_are_looked_at_when_a_conversation_begins_not_at_each_message() -> None:
    desk = Desk(talking(hours=OFFICE), EVENING - 4 * HOUR)
    desk.hears("IN1")
    desk.clock.set(EVENING)
    desk.hears("IN2")
    assert desk.said() == [SPANISH[Trigger.GREETING]]


def test_a_closed_period_is_announced_once_however_many_conversations_begin_in_it() -> None:
    desk = Desk(talking(hours=OFFICE), EVENING)
    for n in range(3):
        desk.hears(f"IN{n}")
        desk.close(desk.latest().id)
        desk.clock.advance(HOUR)
    assert desk.said() == [SPANISH[Trigger.OUT_OF_HOURS]]
    desk.clock.set(EVENING + timedelta(days=1))
    desk.hears("IN9")
    assert desk.said() == [SPANISH[Trigger.OUT_OF_HOURS]] * 2


def test_on_a_holiday_the_holiday_is_announced() -> None:
    desk = Desk(talking(hours=OFFICE))
    desk.hears("IN1")
    assert desk.said() == [SPANISH[Trigger.HOLIDAY]]


# --- the rules of sending ----------------------------------------------------------------------------------


def late_end(fallback: Fallback | None) -> Desk:
    """An agent ends a conversation two days after the customer's last message."""
    desk = Desk(talking((CustomMessage(Trigger.AGENT_ENDED, fallback=fallback),)))
    desk.hears("IN1")
    desk.accept(desk.latest().id, "ana")
    desk.tick()
    desk.clock.advance(48 * HOUR)
    desk.end(desk.latest().id, agent="ana")
    desk.tick()
    return desk


def test_outside_the_window_the_reason_is_on_the_timeline() -> None:
    desk = late_end(None)
    (withheld,) = desk.facts("automated_message_withheld")
    assert (withheld["occasion"], withheld["reason"]) == ("agent_ended", "window_closed")
    assert len(desk.said()) == 2


def test_outside_the_window_the_configured_template_is_sent_with_its_slugs_filled_in() -> None:
    desk = late_end(Fallback("order_ready", {"1": "{AgentName}"}))
    content = desk.provider.arrived[-1].outgoing.content
    assert isinstance(content, TemplateMessage)
    assert (content.name, content.variables, content.language) == (ORDER_READY.name, {"1": "Ana Ruiz"}, "es")
    assert desk.facts("automated_message_withheld") == []


def test_a_fallback_that_does_not_fit_is_refused_like_any_template() -> None:
    (withheld,) = late_end(Fallback("nothing")).facts("automated_message_withheld")
    assert withheld["reason"] != "window_closed"


def test_a_customer_who_opted_out_hears_nothing_by_itself() -> None:
    desk = Desk(talking())
    desk.record_consent(ANA, Statement(Scope.EVERYTHING, False, NOW - HOUR, "form"))
    desk.hears("IN1")
    assert desk.said() == []
    assert [fact["reason"] for fact in desk.facts("automated_message_withheld")]


def test_an_agent_who_writes_too_late_is_told_and_the_customer_is_not() -> None:
    desk = Desk(talking())
    desk.hears("IN1")
    desk.accept(desk.latest().id, "ana")
    desk.tick()
    desk.clock.advance(25 * HOUR)
    with pytest.raises(Refused):
        desk.reply(desk.latest().id, Text("¿Sigue ahí?"), agent="ana")
    assert [fact["occasion"] for fact in desk.facts("agent_told")] == ["outside_window"]
    assert len(desk.said()) == 2


def test_an_agent_is_told_that_a_message_failed() -> None:
    desk = Desk(talking())
    desk.hears("IN1")
    desk.accept(desk.latest().id, "ana")
    sent = desk.reply(desk.latest().id, Text("Hola"), agent="ana")
    assert sent.sid is not None
    desk.receive(desk.provider.webhook(StatusReport(sent.sid, "failed", sent.id, 63024)))
    assert [fact["occasion"] for fact in desk.facts("agent_told")] == ["message_failed"]


def test_another_machine_does_not_keep_the_channel_talking_for_ever() -> None:
    desk = Desk(talking())
    for n in range(50):
        desk.hears(f"IN{n}", Unsupported("sticker"))
        desk.clock.advance(timedelta(seconds=2))
    assert len(desk.said()) <= VOLLEYS + 2
    assert desk.facts("automated_message_withheld")[-1]["reason"] == "talking_with_a_machine"


# --- once --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", FAULTS)
def test_a_greeting_is_said_once_whatever_breaks_on_the_way(fault: str) -> None:
    def story(stage: Stage) -> None:
        stage.insist(stage.hears)
        stage.settle()

    kind, break_it = FAULTS[fault]
    whole = Stage(talking())
    story(whole)
    for place, step in enumerate(whole.steps[:40]):
        if isinstance(step, kind):
            stage = Stage(talking())
            stage.planted = (place, break_it)
            story(stage)
            assert stage.arrived() == [Text(SPANISH[Trigger.GREETING])]
