"""Quick replies: texts that agents keep ready, with slugs that are filled in when one is used.

* **QR-1** a title, a locale and a message; nothing is translated, every language is a reply of its own.
* **QR-2** slugs name the customer, the agent or a context key: ``{FirstName{Customer}}``, ``{OCContext.OrderID}``.
* **QR-3** a reply is linked to workstreams; one without any is for everybody.
* **QR-4** an agent sees the replies in the language of the number and in their own, of the workstream.
* **QR-5** ``/q word`` searches, ``/q #`` lists the tags, ``/q tag tag word`` narrows: everything must fit.
* **QR-6** a personal reply belongs to its owner, who alone sees, edits and deletes it, in every workstream.

Source: Microsoft Learn, "Create quick replies", "Create personal quick replies" and "Use the quick replies panel".
A slug without a value stays visible, so that the agent sees it before it is sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import attrs

from wa_omnichannel.addresses import language_chain, parse_language
from wa_omnichannel.errors import InvalidValue, Refused
from wa_omnichannel.sources import Source, Sources

COMMAND = "/q"
"""What a search in the composer begins with."""

_SLUG = re.compile(r"\{(?:(?P<key>[A-Za-z]+)\{(?P<person>Customer|Agent)\}|OCContext\.(?P<context>\w+))\}", re.ASCII)
_PEOPLE = {"Customer": Source.CUSTOMER, "Agent": Source.AGENT}
_NAMES = {"FullName": "full_name", "FirstName": "first_name", "LastName": "last_name"}
_KEYS: Mapping[Source, Mapping[str, str]] = {
    Source.CUSTOMER: _NAMES,
    Source.AGENT: {**_NAMES, "Nickname": "nickname"},
}


def parse_tag(text: str) -> str:
    """Return the tag in *text*, in lower case; ``#`` may stand in front and nowhere else (QR-6).

    Raises:
        InvalidValue: It is empty, or has a ``#`` or a blank inside.

    >>> parse_tag("#Envío")
    'envío'
    """
    tag = text.strip().removeprefix("#").casefold()
    if not tag or "#" in tag or any(sign.isspace() for sign in tag):
        raise InvalidValue("tags", text, "A tag is one word; # may only be its first character.")
    return tag


def _tags(tags: Iterable[str]) -> frozenset[str]:
    return frozenset(parse_tag(tag) for tag in tags)


def _names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(names)


def _locale(text: str) -> str:
    return parse_language(text, "locale")


def _channel_language(text: str) -> str:
    return parse_language(text, "channel_language")


def _not_blank(_: object, field: attrs.Attribute[str], value: str) -> None:
    if not value.strip():
        raise InvalidValue(field.name, value, "It is not empty.")


@attrs.frozen
class QuickReply:
    """One text in one language (QR-1)."""

    id: str
    title: str = attrs.field(validator=_not_blank)
    locale: str = attrs.field(converter=_locale)
    message: str = attrs.field(validator=_not_blank)
    tags: frozenset[str] = attrs.field(default=frozenset[str](), converter=_tags)
    workstreams: frozenset[str] = attrs.field(default=frozenset[str](), converter=_names)
    """The workstreams it is for; none means all (QR-3)."""
    owner: str | None = None
    """The agent it belongs to; None for the replies of the organisation (QR-6)."""

    @property
    def slugs(self) -> tuple[str, ...]:
        """The slugs of the message, as they stand there.

        >>> QuickReply("1", "Saludo", "es", "Hola, {FirstName{Customer}}.").slugs
        ('{FirstName{Customer}}',)
        """
        return tuple(dict.fromkeys(found[0] for found in _SLUG.finditer(self.message)))


@attrs.frozen
class Filled:
    """A reply with its slugs filled in."""

    text: str
    missing: tuple[str, ...] = ()
    """Slugs without a value; they still stand in the text."""


def fill(reply: QuickReply, known: Sources) -> Filled:
    """Return the message of *reply* for these people and this conversation (QR-2).

    >>> from wa_omnichannel.sources import Person
    >>> hello = QuickReply("1", "Saludo", "es", "Hola, {FirstName{Customer}}: {OCContext.OrderID}")
    >>> fill(hello, Sources(Person(first_name="Ana")))
    Filled(text='Hola, Ana: {OCContext.OrderID}', missing=('{OCContext.OrderID}',))
    """
    values = {found[0]: _value(found, known) for found in _SLUG.finditer(reply.message)}
    text = _SLUG.sub(lambda found: values[found[0]] or found[0], reply.message)
    return Filled(text, tuple(slug for slug, value in values.items() if value is None))


def _value(found: re.Match[str], known: Sources) -> str | None:
    context, person = found["context"], found["person"]
    if context is not None:
        return known.value(Source.CONTEXT, context)
    source = _PEOPLE[person]
    key = _KEYS[source].get(found["key"])
    return None if key is None else known.value(source, key)


@attrs.frozen
class Desk:
    """Who looks at quick replies, and where."""

    agent: str
    language: str = attrs.field(converter=parse_language)
    """The agent's own language."""
    workstream: str
    channel_language: str = attrs.field(converter=_channel_language)
    """The language of the business number (CH-8)."""
    personal: bool = True
    """Whether the administrator lets agents keep replies of their own."""


def visible(replies: Iterable[QuickReply], desk: Desk) -> tuple[QuickReply, ...]:
    """Return the replies that the agent at *desk* sees, their own last (QR-3, QR-4, QR-6).

    A reply in es is also seen where es_MX is spoken.

    >>> mine = QuickReply("1", "Hola", "es", "¡Hola!", owner="ana")
    >>> [reply.id for reply in visible([mine], Desk("ben", "es", "ventas", "es"))]
    []
    """
    languages = {*language_chain(desk.language), *language_chain(desk.channel_language)}
    spoken = [reply for reply in replies if reply.locale in languages]
    shared = (reply for reply in spoken if reply.owner is None and _is_for(reply, desk.workstream))
    own = (reply for reply in spoken if desk.personal and reply.owner == desk.agent)
    return (*shared, *own)


def _is_for(reply: QuickReply, workstream: str) -> bool:
    return not reply.workstreams or workstream in reply.workstreams


@attrs.frozen
class Found:
    """What a search in the composer came to: tags, or replies."""

    tags: tuple[str, ...] = ()
    replies: tuple[QuickReply, ...] = ()


def search(replies: Sequence[QuickReply], text: str) -> Found | None:
    """Answer what an agent typed: ``/q #`` lists the tags, words narrow (QR-5); None if it is no search.

    A word fits a reply if it is one of its tags or stands in its title or message; every word must fit. A word
    with ``#`` has to be a tag.

    Args:
        replies: The replies the agent sees.
        text: What stands in the composer.

    >>> replies = [QuickReply("1", "Plazo", "es", "Llega en dos días", ("envío",))]
    >>> search(replies, "/q #").tags, len(search(replies, "/q envío días").replies), search(replies, "hola")
    (('envío',), 1, None)
    """
    command, *words = text.casefold().split()[:20] or [""]
    if command != COMMAND:
        return None
    if words == ["#"]:
        return Found(tags=tuple(sorted({tag for reply in replies for tag in reply.tags})))
    return Found(replies=tuple(reply for reply in replies if all(_fits(reply, word) for word in words)))


def _fits(reply: QuickReply, word: str) -> bool:
    if word.startswith("#"):
        return word.removeprefix("#") in reply.tags
    return word in reply.tags or word in reply.title.casefold() or word in reply.message.casefold()


def check_owner(reply: QuickReply, agent: str) -> Refused | None:
    """Tell whether *agent* may edit or delete *reply*: only its owner may (QR-6).

    >>> check_owner(QuickReply("1", "Hola", "es", "¡Hola!", owner="ana"), "ben").reason
    'quick_reply_not_yours'
    """
    if reply.owner == agent:
        return None
    return Refused("quick_reply_not_yours", {"title": reply.title, "owner": reply.owner or "-", "agent": agent})
