"""The templates of a channel in life: those of the settings, those that were added, and what the provider said of each.

Settings say what a template is; whether it may be sent is the provider's word, which changes without anybody touching
the settings (TPL-8). A :class:`Catalog` keeps that word, and the templates that were added while the channel runs.
:func:`current` lays it over the settings: a definition that was changed there since has to be found anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

import attrs

from wa_omnichannel.errors import Refused
from wa_omnichannel.explain import Check, Remedy
from wa_omnichannel.templates.approval import ApprovalEvent, Standing, advance
from wa_omnichannel.templates.linking import Change, Refreshed
from wa_omnichannel.templates.model import Category, Template
from wa_omnichannel.templates.syncing import Synced, sync
from wa_omnichannel.templates.translation import Translation
from wa_omnichannel.templates.wire import Holdings


@attrs.frozen
class Known:
    """What the provider, or an override, said of one translation."""

    template: str
    language: str
    body: str
    """The text it was said of; another text is another content."""
    kind: str
    content_sid: str | None
    approval: Standing
    category: Category | None = None
    """The category that WhatsApp assigned to the template; price and limits follow it."""


@attrs.frozen
class Catalog:
    """What is known beyond the settings."""

    stamp: str = ""
    """Names this state of the catalog; every change has another."""
    read_at: datetime | None = None
    """When the provider's list was read last."""
    added: tuple[Template, ...] = ()
    """Templates that were added while the channel runs."""
    known: tuple[Known, ...] = ()


EMPTY = Catalog()
"""Nothing beyond the settings."""


def current(defined: Iterable[Template], catalog: Catalog) -> tuple[Template, ...]:
    """Return the templates as they stand: those of the settings first, then those added under other names.

    >>> from wa_omnichannel.templates.linking import define
    >>> [template.name for template in current([define("a", "es", "A")], Catalog(added=(define("b", "es", "B"),)))]
    ['a', 'b']
    """
    made = tuple(defined)
    names = {template.name for template in made}
    said = {(known.template, known.language): known for known in catalog.known}
    every = (*made, *(template for template in catalog.added if template.name not in names))
    assigned = {known.template: known.category for known in catalog.known if known.category is not None}
    return tuple(_laid_over(template, said, assigned.get(template.name, template.category)) for template in every)


def _laid_over(template: Template, said: Mapping[tuple[str, str], Known], category: Category) -> Template:
    translations = tuple(_said(each, said.get((template.name, each.language))) for each in template.translations)
    return attrs.evolve(template, translations=translations, category=category)


def _said(translation: Translation, known: Known | None) -> Translation:
    """Return *translation* with what is known of it, unless that was said of another text or content."""
    if known is None or known.body != translation.body:
        return translation
    if translation.content_sid is not None and translation.content_sid != known.content_sid:
        return translation
    return attrs.evolve(translation, content_sid=known.content_sid, kind=known.kind, approval=known.approval)


def _kept(catalog: Catalog, templates: Iterable[Template], stamp: str) -> Catalog:
    """Return *catalog* with what is known of *templates* now."""
    found = tuple(
        Known(
            template.name,
            each.language,
            each.body,
            each.kind,
            each.content_sid,
            each.approval,
            template.category if each.approval.source == "provider" else None,
        )
        for template in templates
        for each in template.translations
        if each.approval.source != "code" or each.content_sid is not None
    )
    return attrs.evolve(catalog, stamp=stamp, known=found)


@attrs.frozen
class Reading:
    """What reading the provider's list came to."""

    catalog: Catalog
    """What is known now."""
    synced: Synced
    """The templates as they stand, what changed, and what differs."""


def read(defined: Iterable[Template], catalog: Catalog, holdings: Holdings, stamp: str) -> Reading:
    """Bring every template up to the provider's list (TPL-2, TPL-4, TPL-5).

    A list that was read before the one that is known already, by somebody slower, changes nothing.

    Args:
        defined: The templates of the settings.
        catalog: What was known.
        holdings: The provider's complete list.
        stamp: The name of the new state.
    """
    known = current(defined, catalog)
    synced = sync(known, holdings.held, holdings.read_at, holdings.unread)
    if catalog.read_at is not None and holdings.read_at < catalog.read_at:
        unchanged = zip(known, synced.refreshed, strict=True)
        refreshed = tuple(Refreshed(template, each.links) for template, each in unchanged)
        return Reading(catalog, attrs.evolve(synced, templates=known, refreshed=refreshed))
    return Reading(attrs.evolve(_kept(catalog, synced.templates, stamp), read_at=holdings.read_at), synced)


def add(defined: Iterable[Template], catalog: Catalog, template: Template, stamp: str) -> Catalog | Refused:
    """Return the catalog with one more template (TPL-3), or why it cannot be added.

    >>> from wa_omnichannel.templates.linking import define
    >>> hello = define("hello", "es", "Hola")
    >>> add([hello], EMPTY, hello, "1").reason
    'template_exists'
    """
    if any(known.name == template.name for known in (*defined, *catalog.added)):
        check = Check("TPL-3", False, "template_exists", {"template": template.name})
        return Refused(check.code, check.facts, (check,), (Remedy("choose_other_name", False, check.facts),))
    return attrs.evolve(catalog, stamp=stamp, added=(*catalog.added, template))


@attrs.frozen
class Moved:
    """What an event about one translation came to."""

    catalog: Catalog
    change: Change | None = None
    """What changed, if anything."""


def report(
    defined: Iterable[Template],
    catalog: Catalog,
    about: tuple[str, str],
    event: ApprovalEvent,
    at: datetime,
    stamp: str,
    reason: str = "",
) -> Moved | Refused:
    """Note what the provider told about a translation, in an alert, an event or the error of a send (TPL-8).

    Args:
        defined: The templates of the settings.
        catalog: What was known.
        about: The template's name and the language.
        event: What happened to it.
        at: When; aware.
        stamp: The name of the new state.
        reason: The provider's words.

    Returns:
        The catalog afterwards, or why the event cannot be.
    """
    return stand(defined, catalog, about, lambda known: advance(known, event, at, reason), stamp)


def stand(
    defined: Iterable[Template],
    catalog: Catalog,
    about: tuple[str, str],
    move: Callable[[Standing], Standing | Refused],
    stamp: str,
) -> Moved | Refused:
    """Move what is known about the approval of one translation.

    Args:
        defined: The templates of the settings.
        catalog: What was known.
        about: The template's name and the language.
        move: Returns what is known afterwards, or why that cannot be.
        stamp: The name of the new state.
    """
    templates = current(defined, catalog)
    found = next(_translations(templates, about), None)
    if found is None:
        facts = {"template": about[0], "language": about[1], "known": tuple(each.name for each in templates)}
        check = Check("TPL-3", False, "template_unknown", facts)
        return Refused(check.code, facts, (check,), (Remedy("add_template"),))
    template, translation = found
    standing = move(translation.approval)
    if isinstance(standing, Refused):
        return standing
    if standing == translation.approval:
        return Moved(catalog)
    translations = tuple(
        attrs.evolve(each, approval=standing) if each is translation else each for each in template.translations
    )
    fresh = attrs.evolve(template, translations=translations)
    was, is_now = translation.approval.state.value, standing.state.value
    change = Change("template_approval_changed", template.name, translation.language, was, is_now)
    every = (fresh if each is template else each for each in templates)
    return Moved(_kept(catalog, every, stamp), change if was != is_now else None)


def _translations(templates: Iterable[Template], about: tuple[str, str]) -> Iterator[tuple[Template, Translation]]:
    name, language = about
    for template in templates:
        translation = template.translation(language)
        if template.name == name and translation is not None:
            yield template, translation
