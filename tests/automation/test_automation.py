"""Automated messages: layers, languages, slugs, closed periods, other machines."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_omnichannel.addresses import Address
from wa_omnichannel.automation import (
    CATALOGUE,
    LANGUAGES,
    LONGEST_TEXT,
    NOTHING,
    OFF_BY_DEFAULT,
    OVERFLOW,
    TO_AGENTS,
    Automation,
    CustomMessage,
    Memory,
    Named,
    Receiver,
    Trigger,
    closed_period,
    fill,
    heard,
    may_speak,
    person_spoke,
    receiver,
    said,
    texts_of,
)
from wa_omnichannel.automation.memory import CALM, QUICK, VOLLEYS
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.explain.texts import SENTENCES
from wa_omnichannel.hours import Block, Holiday, OperatingHours

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SHOP, OUTLET = Address("+14155550100"), Address("+14155550199")

triggers = st.sampled_from(Trigger)
texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60).filter(str.strip)
customs = st.builds(
    CustomMessage, triggers, st.dictionaries(st.sampled_from(("en", "es", "fr")), texts, max_size=3), st.booleans()
)


def layer(drawn: list[CustomMessage]) -> list[CustomMessage]:
    return list({message.trigger: message for message in drawn}.values())


layers = st.lists(customs, max_size=6).map(layer)


@given(layers, layers, triggers, st.sampled_from(("en", "es-MX", "pt-BR", "fr", "de")))
def test_am_1_am_2_the_nearest_layer_wins_whole_and_silence_is_silence_but_on_overflow(
    channel: list[CustomMessage], number: list[CustomMessage], trigger: Trigger, language: str
) -> None:
    automation = Automation(channel, {SHOP: number})
    found = automation.resolve(SHOP, trigger, language)
    nearest = next((m for m in (*number, *channel) if m.trigger is trigger), None)
    silent = trigger in OFF_BY_DEFAULT if nearest is None else not nearest.active
    if silent and trigger not in OVERFLOW:
        assert found.text == ""
        assert not found.check.met
    elif silent or nearest is None or not nearest.texts:
        assert found.text in CATALOGUE[trigger].values()
    else:
        assert found.text in nearest.texts.values()
    inherited = Automation(channel).resolve(SHOP, trigger, language).text
    assert automation.resolve(OUTLET, trigger, language).text == inherited
    assert found.check.code in SENTENCES


def test_am_2_a_deactivated_message_is_silent_and_a_deactivated_overflow_message_says_the_shipped_text() -> None:
    off = Automation([CustomMessage(trigger, {"en": "mine"}, active=False) for trigger in Trigger])
    assert off.resolve(SHOP, Trigger.GREETING, "en").text == ""
    ended = off.resolve(SHOP, Trigger.OVERFLOW_ENDED, "en")
    assert ended.text == CATALOGUE[Trigger.OVERFLOW_ENDED]["en"]
    assert ended.check.code == "automated_message_anyway"


def test_am_3_a_text_has_1_to_2000_characters() -> None:
    assert CustomMessage(Trigger.GREETING, {"en": "x" * LONGEST_TEXT}).texts["en"]
    for wrong in ("x" * (LONGEST_TEXT + 1), " "):
        with pytest.raises(InvalidValue, match=r"texts\[en\]"):
            CustomMessage(Trigger.GREETING, {"en": wrong})


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{AgentName} / {QueueName}", "Ana Ruiz / ventas"),
        ("{$Order_1$}", "4711"),
        ("{$order_1$}", ""),  # the case counts
        ("{$unknown$}!", "!"),
        ("{$$} {$ Order_1 $} {$Order-1$} {$Año$}", "{$$} {$ Order_1 $} {$Order-1$} {$Año$}"),
        ("{agentname} {Other} {{AgentName}} {", "{agentname} {Other} {Ana Ruiz} {"),
        ("{$Text$}", "{AgentName}"),  # a value is not looked at again
    ],
)
def test_am_3_slugs(text: str, filled: str) -> None:
    assert fill(text, Named("Ana Ruiz", "ventas", {"Order_1": 4711, "Text": "{AgentName}"})) == filled


@given(st.text(st.characters(codec="utf-8", exclude_characters="{}")), st.from_regex(r"[A-Za-z0-9_]+", fullmatch=True))
def test_am_3_an_unknown_variable_is_empty_and_other_texts_are_untouched(text: str, name: str) -> None:
    assert fill(text + "{$" + name + "$}" + text, Named()) == text + text
    assert fill("{" + text + "}", Named()) in ("{" + text + "}", "")


def test_am_5_the_language_falls_back_to_its_parent_then_to_the_first() -> None:
    greeting = CATALOGUE[Trigger.GREETING]
    assert Automation().resolve(SHOP, Trigger.GREETING, "es-MX").text == greeting["es"]
    assert Automation().resolve(SHOP, Trigger.GREETING, "pt_BR").text == greeting["pt"]
    assert Automation().resolve(SHOP, Trigger.GREETING, "de").text == greeting["en"]
    own = Automation([CustomMessage(Trigger.GREETING, {"ca": "Hola!", "fr": "Bonjour"})])
    assert own.resolve(SHOP, Trigger.GREETING, "fr-CA").text == "Bonjour"
    assert own.resolve(SHOP, Trigger.GREETING, "es").text == "Hola!"
    assert texts_of({}, "es") is None


def test_am_7_the_shipped_catalogue_is_complete_in_each_of_its_languages() -> None:
    assert set(CATALOGUE) == set(Trigger)
    for texts_by_language in CATALOGUE.values():
        assert tuple(texts_by_language) == LANGUAGES
        assert len(set(texts_by_language.values())) == len(LANGUAGES)
        for text in texts_by_language.values():
            assert 0 < len(text) <= LONGEST_TEXT
            assert "{" not in fill(text, Named("Ana", "ventas"))


def test_am_8_a_greeting_is_on_and_agent_assigned_is_off_until_it_gets_a_text() -> None:
    assert Automation().resolve(SHOP, Trigger.GREETING, "en").text
    assert not Automation().resolve(SHOP, Trigger.AGENT_ASSIGNED, "en").text
    assert Automation([CustomMessage(Trigger.AGENT_ASSIGNED)]).resolve(SHOP, Trigger.AGENT_ASSIGNED, "en").text


def test_am_9_places_in_the_queue_and_waiting_times_are_not_for_whatsapp() -> None:
    assert not [trigger for trigger in Trigger if "position" in trigger.value or "wait" in trigger.value]


def test_messages_about_sends_are_for_the_agent() -> None:
    assert {trigger for trigger in Trigger if receiver(trigger) is Receiver.AGENT} == TO_AGENTS


def test_a_layer_has_one_message_for_each_trigger() -> None:
    with pytest.raises(InvalidValue, match="one message"):
        Automation([CustomMessage(Trigger.GREETING), CustomMessage(Trigger.GREETING)])


# --- closed periods ----------------------------------------------------------------------------------------

OFFICE = OperatingHours(
    "office", ZoneInfo("Europe/Madrid"), (Block(range(5), time(9), time(17)),), (Holiday("May Day", NOW.date()),)
)


def test_am_10_a_closed_period_has_one_name_from_closing_to_opening() -> None:
    evening = datetime(2026, 5, 4, 20, tzinfo=UTC)
    assert closed_period(OFFICE, evening) == closed_period(OFFICE, evening + timedelta(hours=9))
    assert closed_period(OFFICE, evening) != closed_period(OFFICE, evening + timedelta(days=1))
    assert closed_period(OFFICE, evening - timedelta(hours=8)) is None
    assert closed_period(None, evening) is None
    assert closed_period(OFFICE, NOW) == (closed_period(OFFICE, NOW)[0], True)  # type: ignore[index]
    never = OperatingHours("never", ZoneInfo("UTC"), ())
    assert closed_period(never, NOW) == ("never -", False)


# --- loops -------------------------------------------------------------------------------------------------


def talk(memory: Memory, pauses: list[float]) -> tuple[Memory, datetime, list[bool]]:
    """Let the system answer each message at once; the customer takes the pauses between them."""
    now, spoke = NOW, []
    for pause in pauses:
        may = may_speak(memory, now).met
        spoke.append(may)
        memory = said(memory, now) if may else memory
        now += timedelta(seconds=pause)
        memory = heard(memory, now)
    return memory, now, spoke


def test_another_machine_is_answered_a_few_times_only() -> None:
    memory, now, spoke = talk(NOTHING, [1.0] * 1000)
    assert spoke == [True] * VOLLEYS + [False] * (1000 - VOLLEYS)
    assert not may_speak(memory, now).met
    assert may_speak(memory, now).code in SENTENCES
    assert may_speak(person_spoke(memory), now).met
    assert may_speak(memory, now + CALM).met


@given(st.lists(st.floats(QUICK.total_seconds() + 1, 10_000), max_size=30))
def test_a_person_who_takes_their_time_is_always_answered(pauses: list[float]) -> None:
    assert all(talk(NOTHING, pauses)[2])


@given(st.lists(st.floats(0, 60), max_size=60))
def test_no_row_of_quick_answers_is_longer_than_the_limit(pauses: list[float]) -> None:
    row = 0
    for pause, spoke in zip(pauses, talk(NOTHING, pauses)[2], strict=True):
        row = row + 1 if spoke and pause <= QUICK.total_seconds() else 0 if spoke else row
        assert row <= VOLLEYS


def test_a_thread_in_which_nothing_was_said_has_nothing_to_remember() -> None:
    assert heard(NOTHING, NOW) is NOTHING
    assert person_spoke(NOTHING) is NOTHING
