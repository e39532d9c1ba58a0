"""Joining what we define with what the provider holds: links, refreshes and drift.

A template is added as in the dialog of the product: a name, a default language and the approved text, pasted
(TPL-3). Its content SID (TPL-5) is found by comparing text, variables and language with the synchronised list.
None or several hits leave it unlinked, and so unsendable; somebody has to say which one is meant.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import attrs

from wa_omnichannel.explain import Check, Facts, sentence
from wa_omnichannel.templates.approval import Standing, observe
from wa_omnichannel.templates.model import Category, Template
from wa_omnichannel.templates.translation import PLACEHOLDER, Translation
from wa_omnichannel.templates.wire import Held, write_type

_PUSHY = {Category.UTILITY: 0, Category.AUTHENTICATION: 1, Category.MARKETING: 2}


def define(name: str, default_language: str, text: str) -> Template:
    """Return the template that the three fields of the dialog describe (TPL-3); it is not linked yet.

    Raises:
        InvalidValue: The language is no language tag.

    >>> define("hola", "es-MX", "Hola {{1}}, bienvenida.").translations[0].sendable
    False
    """
    translation = Translation(default_language, text)
    return Template(name, (translation,), translation.language)


def strictest(assigned: Iterable[Category | None], otherwise: Category) -> Category:
    """Return the most restricted category that was assigned, or *otherwise* if none was.

    >>> strictest([None, Category.UTILITY, Category.MARKETING], Category.UTILITY)
    <Category.MARKETING: 'marketing'>
    """
    known = [category for category in assigned if category is not None]
    return max(known, key=_PUSHY.__getitem__, default=otherwise)


@attrs.frozen
class Link:
    """What the search for the content SID of one translation came to."""

    check: Check
    """Whether it is linked, and if not, why."""
    held: Held | None = None
    """The provider's content; None while it is not linked."""
    candidates: tuple[str, ...] = ()
    """Content SIDs that could be meant."""


def link(template: Template, translation: Translation, held: Sequence[Held]) -> Link:
    """Find the content of *translation* in the provider's list.

    A content SID that was entered decides alone. Otherwise text, variables and language must agree, and with
    exactly one content.

    >>> link(define("hola", "es", "Hola"), Translation("es", "Hola"), []).check.code
    'template_link_none'
    """
    facts: dict[str, object] = {"template": template.name, "language": translation.language}
    if translation.content_sid is not None:
        return _pinned(translation.content_sid, held, facts)
    same = [item for item in held if _canonical(item.translation.body) == _canonical(translation.body)]
    spoken = [item for item in same if item.translation.language == translation.language]
    fitting = [item for item in spoken if set(item.translation.variables) == set(translation.variables)]
    if len(fitting) == 1:
        return Link(Check("TPL-5", True, "template_link_found", {**facts, "sid": fitting[0].content_sid}), fitting[0])
    code = next(code for code, items in _MISSES if items(same, spoken, fitting))
    near = fitting or spoken or same
    sids = tuple(item.content_sid for item in near)
    facts |= {"found": len(near), "languages": tuple(dict.fromkeys(item.translation.language for item in near))}
    return Link(Check("TPL-5", False, code, facts), candidates=sids)


_MISSES: tuple[tuple[str, Callable[[list[Held], list[Held], list[Held]], object]], ...] = (
    ("template_link_several", lambda _same, _spoken, fitting: fitting),
    ("template_link_other_variables", lambda _same, spoken, _fitting: spoken),
    ("template_link_other_language", lambda same, _spoken, _fitting: same),
    ("template_link_none", lambda _same, _spoken, _fitting: True),
)


def _pinned(sid: str, held: Sequence[Held], facts: Facts) -> Link:
    found = next((item for item in held if item.content_sid == sid), None)
    code = "template_link_found" if found is not None else "template_link_gone"
    return Link(Check("TPL-5", found is not None, code, {**facts, "sid": sid}), found)


def _canonical(text: str) -> str:
    """Return *text* without what pasting changes: line ends, outer blanks, blanks inside a placeholder."""
    lines = (line.rstrip() for line in text.strip().splitlines())
    return PLACEHOLDER.sub(lambda found: f"{{{{{found[1]}}}}}", "\n".join(lines))


@attrs.frozen
class Change:
    """Something that a refresh found changed; for the timeline."""

    code: str
    """``template_approval_changed``, ``template_category_changed`` or ``template_link_changed``."""
    template: str
    language: str
    before: str
    after: str

    def sentence(self, language: str = "en") -> str:
        """Return the change as one sentence."""
        return sentence(self.code, attrs.asdict(self), language)


@attrs.frozen
class Refreshed:
    """A template after the provider's list was read."""

    template: Template
    links: tuple[Link, ...]
    """One per translation, in their order."""
    changes: tuple[Change, ...] = ()


_ALL_READ: frozenset[str] = frozenset()


def refresh(template: Template, held: Sequence[Held], at: datetime, unread: frozenset[str] = _ALL_READ) -> Refreshed:
    """Bring content SIDs, approvals and the category up to what the provider's complete list says.

    A content that is gone from the list counts as deleted. The category becomes the one that WhatsApp assigned,
    since price and limits follow it; where the languages differ, the most restricted one.

    Args:
        template: The template as it is known.
        held: The complete list of the provider.
        at: When the list was read; aware.
        unread: Content SIDs that are in the list but could not be read; nothing changes about them.

    >>> from datetime import UTC, datetime
    >>> refresh(define("hola", "es", "Hola"), [], datetime(2026, 1, 1, tzinfo=UTC)).links[0].check.met
    False
    """
    links = tuple(link(template, translation, held) for translation in template.translations)
    pairs = tuple(zip(template.translations, links, strict=True))
    after = tuple(
        translation if translation.content_sid in unread else _refreshed(translation, found, at)
        for translation, found in pairs
    )
    category = strictest((found.held.category for found in links if found.held is not None), template.category)
    fresh = attrs.evolve(template, translations=after, category=category)
    return Refreshed(fresh, links, tuple(_changes(template, fresh)))


def _refreshed(translation: Translation, found: Link, at: datetime) -> Translation:
    if found.held is not None:
        return attrs.evolve(
            translation,
            content_sid=found.held.content_sid,
            kind=found.held.translation.kind,
            approval=_newest(translation.approval, found.held.translation.approval),
        )
    if translation.content_sid is not None:
        return attrs.evolve(translation, approval=observe(translation.approval, "deleted", at))
    return translation


def _newest(known: Standing, read: Standing) -> Standing:
    """Return *read*, unless what is known was read later."""
    if read.read_at is None:
        return known
    return observe(known, read.word, read.read_at, read.reason)


def _changes(before: Template, after: Template) -> Iterator[Change]:
    for old, new in zip(before.translations, after.translations, strict=True):
        pairs = {
            "template_link_changed": (old.content_sid or "-", new.content_sid or "-"),
            "template_approval_changed": (old.approval.state.value, new.approval.state.value),
        }
        for code, (was, now_is) in pairs.items():
            if was != now_is:
                yield Change(code, before.name, old.language, was, now_is)
    if before.category is not after.category:
        language = before.default_language
        yield Change("template_category_changed", before.name, language, before.category.value, after.category.value)


@attrs.frozen
class Difference:
    """One field in which our definition and the provider's content are not the same."""

    language: str
    field: str
    ours: str
    theirs: str

    @property
    def diff(self) -> str:
        """Return the difference line by line, ours with ``-``, the provider's with ``+``.

        >>> print(Difference("es", "body", "Hola", "Buenas").diff)
        --- es body: defined here
        +++ es body: held by the provider
        @@ -1 +1 @@
        -Hola
        +Buenas
        """
        where = f"{self.language} {self.field}"
        ours, theirs = f"{where}: defined here", f"{where}: held by the provider"
        lines = difflib.unified_diff(self.ours.splitlines(), self.theirs.splitlines(), ours, theirs, lineterm="")
        return "\n".join(lines)


def drift(template: Template, held: Sequence[Held]) -> tuple[Difference, ...]:
    """Return every field in which *template* differs from what the provider holds, language by language.

    The counterpart of a translation is the content with its SID, otherwise the one with the template's name and
    language. A translation without a counterpart is one difference, of the whole text.

    >>> [difference.field for difference in drift(define("hola", "es", "Hola"), [])]
    ['translation']
    """
    found: list[Difference] = []
    for translation in template.translations:
        theirs = _counterpart(template, translation, held)
        if theirs is None:
            found.append(Difference(translation.language, "translation", translation.body, ""))
        else:
            found.extend(_differences(template, translation, theirs))
    return tuple(found)


def _counterpart(template: Template, translation: Translation, held: Sequence[Held]) -> Held | None:
    for item in held:
        if translation.content_sid is not None:
            if item.content_sid == translation.content_sid:
                return item
        elif item.name == template.name and item.translation.language == translation.language:
            return item
    return None


def _differences(template: Template, ours: Translation, theirs: Held) -> Iterator[Difference]:
    left, right = _described(ours), _described(theirs.translation)
    if theirs.category is not None:
        left["category"], right["category"] = template.category.value, theirs.category.value
    for field in dict.fromkeys((*left, *right)):
        if field.startswith("sample ") and field not in left:  # we say nothing about it
            continue
        mine, other = left.get(field, ""), right.get(field, "")
        if mine != other:
            yield Difference(ours.language, field, mine, other)


def _described(translation: Translation) -> dict[str, str]:
    """Return everything that the provider holds of a translation, each field as text."""
    described = {"language": translation.language, "kind": translation.kind}
    described |= {field: _shown(value) for field, value in write_type(translation).items()}
    described["body"] = _canonical(translation.body)
    samples = {variable.name: variable.sample for variable in translation.declared if variable.sample}
    return described | {f"sample {name}": sample for name, sample in samples.items()}


def _shown(value: object) -> str:
    """Return *value* as text with one entry per line, so that a difference shows the entry."""
    if isinstance(value, Mapping):
        pairs = ((str(key), _shown(item)) for key, item in value.items())  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        return re.sub(r"\s+", " ", ", ".join(f"{key}={text}" for key, text in sorted(pairs)))
    if isinstance(value, list | tuple):
        return "\n".join(_shown(item) for item in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return str(value)
