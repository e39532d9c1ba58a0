"""The rules of bots: turns, replies, and the bot of menus."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_omnichannel.bots import (
    LONGEST_NAME,
    LONGEST_VALUE,
    MOST_MESSAGES,
    Choice,
    Escalation,
    Menu,
    MenuBot,
    Reply,
    Turn,
    check_reply,
    said_in,
)
from wa_omnichannel.bots.menu import MISSES, PLACE
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.explain.texts import SENTENCES
from wa_omnichannel.messages import ButtonReply, Content, ListReply, Location, Media, Text, Unsupported

NUMBER = "+14155550100"
START = Menu(
    "start",
    {"es": "1 facturas, 2 una persona, 3 nada más", "en": "1 invoices, 2 a person, 3 nothing"},
    (
        Choice(
            ("1", "facturas", "invoices"), {"es": "Sus facturas.", "en": "Your invoices."}, "bills", {"topic": "bill"}
        ),
        Choice(("2", "persona", "person"), escalate=True, sets={"level": 2}),
        Choice(("3", "adiós", "bye"), {"es": "¡Adiós!", "en": "Bye!"}, end=True),
    ),
)
BILLS = Menu("bills", {"es": "a) enero b) volver"}, (Choice(("b", "volver"), goto="start"),))
BOT = MenuBot([START, BILLS], {"es": "No le he entendido.", "en": "Sorry?"})


def ask(said: str | Content, language: str = "es", **context: str | int) -> Reply:
    content = Text(said) if isinstance(said, str) else said
    return BOT(Turn("c1", "m1", content, NUMBER, language, context=context))


def test_it_begins_with_its_first_menu_in_the_language_of_the_customer() -> None:
    assert ask("Hola").messages == (Text(START.says["es"]),)
    assert ask("Hi", "en-GB").messages == (Text(START.says["en"]),)
    assert ask("Olá", "pt").messages == (Text(START.says["es"]),)
    assert ask("Hola").context == {PLACE: "start", MISSES: 0}


@pytest.mark.parametrize(
    "said", ["1", "  FACTURAS!! ", "quiero ver mis facturas", ButtonReply("Ver", "1"), ListReply("facturas", "Ver")]
)
def test_a_choice_is_made_by_keyword_button_or_item(said: str | Content) -> None:
    reply = ask(said, menu_bot_place="start")
    assert reply.messages == (Text("Sus facturas."), Text(BILLS.says["es"]))
    assert reply.context == {"topic": "bill", PLACE: "bills", MISSES: 0}
    assert reply.escalate is None


def test_a_choice_may_escalate_with_a_summary_or_end() -> None:
    reply = ask("una persona", menu_bot_place="start")
    assert reply.escalate == Escalation("start: una persona")
    assert reply.context["level"] == 2
    assert ask("adios", menu_bot_place="start").end


def test_what_it_does_not_understand_it_asks_again_then_escalates() -> None:
    first = ask("¿?", menu_bot_place="start")
    assert first.messages == (Text("No le he entendido."), Text(START.says["es"]))
    second = ask("¿?", menu_bot_place="start", menu_bot_misses=first.context[MISSES])
    assert second.escalate is not None


def test_a_menu_that_leads_nowhere_is_a_typed_error() -> None:
    with pytest.raises(InvalidValue, match="not there"):
        MenuBot([Menu("a", {"en": "x"}, (Choice(("1",), goto="b"),))], {})
    with pytest.raises(InvalidValue, match="at least one"):
        MenuBot([], {})


@given(st.text(), st.sampled_from(("", "start", "bills", "gone")), st.sampled_from((0, 1, 5, "x", -1)))
def test_whatever_is_said_the_answer_is_one_that_a_bot_may_give(said: str, place: str, misses: str | int) -> None:
    assert check_reply(ask(said, menu_bot_place=place, menu_bot_misses=misses)).met


@pytest.mark.parametrize(
    "wrong",
    [
        "Hello",
        None,
        Reply((Text("x"),) * (MOST_MESSAGES + 1)),
        Reply(escalate=Escalation(), end=True),
        Reply(context={"": 1}),
        Reply(context={"x" * (LONGEST_NAME + 1): 1}),
        Reply(context={"x": "y" * (LONGEST_VALUE + 1)}),
        Reply(context={"x": 1.5}),  # type: ignore[dict-item]
        Reply(context={"x": True}),
    ],
)
def test_bot_2_a_reply_that_a_bot_may_not_give_says_what_is_wrong(wrong: object) -> None:
    """Bot-set values are whole numbers or texts, of at most 4,000 characters."""
    check = check_reply(wrong)
    assert (check.met, check.code) == (False, "bot_reply_invalid")
    assert check.code in SENTENCES
    assert check.facts["problem"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (Text("a"), "a"),
        (Media("u", "image/jpeg", "b"), "b"),
        (ButtonReply("c", "1"), "c"),
        (ListReply("1", "d"), "d"),
        (Location(0, 0), ""),
        (Unsupported("sticker"), ""),
    ],
)
def test_what_was_said_in_words(content: Content, words: str) -> None:
    assert said_in(content) == words
