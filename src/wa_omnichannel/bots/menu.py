"""A bot of menus and keywords, made from settings: no code, no machine learning.

It says a menu, reads which choice the customer made, and answers, goes to another menu, escalates or ends. Where it
stands in a conversation it keeps in context variables, so it remembers nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from wa_omnichannel.automation import texts_of
from wa_omnichannel.bots.turns import BotValue, Escalation, Reply, Turn
from wa_omnichannel.consent import normalised
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.messages import ButtonReply, ListReply, Text

PLACE = "menu_bot_place"
"""The context variable with the menu that the customer was shown."""

MISSES = "menu_bot_misses"
"""The context variable with the answers in a row that were not understood."""

_NO_TEXTS: Mapping[str, str] = {}
_NO_VALUES: Mapping[str, BotValue] = {}


def _keywords(words: Iterable[str]) -> frozenset[str]:
    return frozenset(normalised(word) for word in words)


@attrs.frozen
class Choice:
    """What the customer may choose in a menu, by a keyword, a button or an item of a list."""

    keywords: frozenset[str] = attrs.field(converter=_keywords)
    """Capitals, accents and punctuation do not matter."""
    says: Mapping[str, str] = _NO_TEXTS
    """The answer, by language."""
    goto: str = ""
    """The menu that comes next; empty: the same one goes on."""
    sets: Mapping[str, BotValue] = _NO_VALUES
    """Context variables, for routing and for the agent."""
    escalate: bool = False
    end: bool = False


@attrs.frozen
class Menu:
    """Something the bot says, and the choices it gives."""

    name: str
    says: Mapping[str, str]
    """The text with the choices, by language; the first one stands in for languages that are not here."""
    choices: tuple[Choice, ...]


def _by_name(menus: Iterable[Menu]) -> Mapping[str, Menu]:
    return {menu.name: menu for menu in menus}


def _check_menus(_: object, attribute: attrs.Attribute[Mapping[str, Menu]], menus: Mapping[str, Menu]) -> None:
    if not menus:
        raise InvalidValue(attribute.name, "none", "Give the bot at least one menu; it begins with the first.")
    for menu in menus.values():
        for choice in menu.choices:
            if choice.goto and choice.goto not in menus:
                raise InvalidValue(
                    attribute.name, choice.goto, f"Menu {menu.name!r} leads to a menu that is not there."
                )


@attrs.frozen
class MenuBot:
    """The bot; it begins with its first menu.

    Raises:
        InvalidValue: There is no menu, or a choice leads to one that is not there.

    >>> menu = Menu("start", {"en": "1 invoices, 2 a person"}, (Choice(("2", "person"), escalate=True),))
    >>> bot = MenuBot([menu], {"en": "Please answer 1 or 2."})
    >>> bot(Turn("c1", "m1", Text("Hi"), "+14155550100", "en")).messages
    (Text(body='1 invoices, 2 a person'),)
    >>> asked = Turn("c1", "m2", Text("A person!"), "+14155550100", "en", context={PLACE: "start"})
    >>> bot(asked).escalate
    Escalation(summary='start: A person!')
    """

    menus: Mapping[str, Menu] = attrs.field(converter=_by_name, validator=_check_menus)
    not_understood: Mapping[str, str]
    """What is said to an answer that fits no choice, by language."""
    patience: int = 2
    """After so many of them in a row the bot escalates."""

    def __call__(self, turn: Turn) -> Reply:
        """Answer one message."""
        menu = self.menus.get(str(turn.context.get(PLACE, "")))
        if menu is None:
            return self._shown(next(iter(self.menus.values())), turn)
        choice = next((choice for choice in menu.choices if _chosen(choice, turn)), None)
        return self._missed(menu, turn) if choice is None else self._taken(menu, choice, turn)

    def _shown(self, menu: Menu, turn: Turn) -> Reply:
        return Reply(_texts(menu.says, turn), {PLACE: menu.name, MISSES: 0})

    def _taken(self, menu: Menu, choice: Choice, turn: Turn) -> Reply:
        then = self.menus.get(choice.goto)
        messages = (*_texts(choice.says, turn), *(_texts(then.says, turn) if then is not None else ()))
        place = then.name if then is not None else menu.name
        escalation = Escalation(f"{menu.name}: {turn.text}") if choice.escalate else None
        return Reply(messages, {**choice.sets, PLACE: place, MISSES: 0}, escalation, choice.end)

    def _missed(self, menu: Menu, turn: Turn) -> Reply:
        known = turn.context.get(MISSES, 0)
        misses = (known if isinstance(known, int) else 0) + 1
        if misses >= self.patience:
            return Reply(context={MISSES: misses}, escalate=Escalation(f"{menu.name}: not understood: {turn.text}"))
        return Reply((*_texts(self.not_understood, turn), *_texts(menu.says, turn)), {MISSES: misses})


def _texts(texts: Mapping[str, str], turn: Turn) -> tuple[Text, ...]:
    text = texts_of(texts, turn.language)
    return (Text(text),) if text else ()


def _chosen(choice: Choice, turn: Turn) -> bool:
    """Tell whether the whole message is a keyword of *choice*, or a word of it, or the id of a button or item."""
    said = normalised(turn.text)
    match turn.content:
        case ButtonReply(_, chosen) | ListReply(chosen, _):
            return normalised(chosen) in choice.keywords or said in choice.keywords
        case _:
            return said in choice.keywords or not choice.keywords.isdisjoint(said.split())
