"""The provider's whole list against what we define: templates made of it, what changed, and what differs.

The provider keeps one content per language (TPL-6); those of one name are one template. Nothing is adopted
without being asked for: contents that we do not define are only named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import attrs

from wa_omnichannel.templates.linking import Change, Difference, Refreshed, drift, refresh, strictest
from wa_omnichannel.templates.model import Category, Template
from wa_omnichannel.templates.wire import Held, Unread


@attrs.frozen
class Grouped:
    """Templates made of contents."""

    templates: tuple[Template, ...]
    """In the order in which their names come first."""
    left_out: tuple[Held, ...] = ()
    """Contents in whose place another one of the same name and language was taken."""


def grouped(held: Iterable[Held], default_language: str | None = None) -> Grouped:
    """Return one template per name, with a translation for each language (TPL-6).

    Of several contents with one name and language the approved one is taken, otherwise the first.

    Args:
        held: The provider's contents.
        default_language: Used where a template has it; otherwise the first language of the list.

    >>> grouped([]).templates
    ()
    """
    chosen: dict[str, dict[str, Held]] = {}
    left_out: list[Held] = []
    for item in sorted(held, key=lambda item: not item.translation.approved):
        languages = chosen.setdefault(item.name, {})
        if languages.setdefault(item.translation.language, item) is not item:
            left_out.append(item)
    made = tuple(_template(name, tuple(each.values()), default_language) for name, each in chosen.items())
    return Grouped(made, tuple(left_out))


def _template(name: str, held: Sequence[Held], default_language: str | None) -> Template:
    languages = [item.translation.language for item in held]
    default = default_language if default_language in languages else languages[0]
    category = strictest((item.category for item in held), Category.UTILITY)
    return Template(name, tuple(item.translation for item in held), default or languages[0], category)


@attrs.frozen
class Synced:
    """What came of comparing our templates with the provider's list."""

    templates: tuple[Template, ...]
    """Ours, with the content SIDs, approvals and categories of the list."""
    refreshed: tuple[Refreshed, ...]
    """How each of them was found; in the same order."""
    drift: Mapping[str, tuple[Difference, ...]]
    """Where a definition of ours and the provider's content are not the same, by the template's name."""
    strangers: tuple[Template, ...] = ()
    """Templates of the provider that we do not define."""
    unread: tuple[Unread, ...] = ()
    """Entries of the list that could not be read; nothing changed about them."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """What is different from what was known before."""
        return tuple(change for each in self.refreshed for change in each.changes)


def sync(templates: Iterable[Template], held: Sequence[Held], at: datetime, unread: tuple[Unread, ...] = ()) -> Synced:
    """Bring *templates* up to the provider's complete list, as read at the instant *at*, and report what differs.

    Args:
        templates: Ours.
        held: The provider's contents.
        at: When they were read; aware.
        unread: Entries of the list that could not be read; nothing changes about them.

    >>> from datetime import UTC, datetime
    >>> sync([], [], datetime(2026, 1, 1, tzinfo=UTC)).changes
    ()
    """
    hidden = frozenset(entry.content_sid for entry in unread if entry.content_sid)
    refreshed = tuple(refresh(template, held, at, hidden) for template in templates)
    ours = tuple(each.template for each in refreshed)
    differences = {template.name: drift(template, held) for template in ours}
    known = {link.held.content_sid for each in refreshed for link in each.links if link.held is not None}
    names = {template.name for template in ours}
    others = [item for item in held if item.content_sid not in known and item.name not in names]
    drifts = {name: found for name, found in differences.items() if found}
    return Synced(ours, refreshed, drifts, grouped(others).templates, unread)
