"""The settings of a file and those in force: compare, put into force, take out again."""

from __future__ import annotations

from collections.abc import Mapping

from wa_omnichannel.editions import Edition, SettingChange
from wa_omnichannel.errors import NotFound
from wa_omnichannel.omnichannel import AsyncOmnichannel, Compile, Draft, Omnichannel
from wa_omnichannel.routing import Classifier
from wa_omnichannel.rules import Rules
from wa_omnichannel.settings.changes import diff
from wa_omnichannel.settings.model import Settings
from wa_omnichannel.settings.reading import read_text, settled
from wa_omnichannel.settings.writing import document_of

_NO_CLASSIFIERS: Mapping[str, Classifier] = {}
_NOTHING = Settings(Rules((), (), ()))


def settings_of(edition: Edition, classifiers: Mapping[str, Classifier] = _NO_CLASSIFIERS) -> Settings:
    """Return the settings of an edition.

    Raises:
        SettingsError: This release cannot read them.
    """
    return settled(read_text(edition.document, ".json", classifiers), f"edition {edition.number}")


def compiler(classifiers: Mapping[str, Classifier] = _NO_CLASSIFIERS) -> Compile:
    """Return what a channel needs to follow the settings of its store.

    Args:
        classifiers: What rulesets of models may name.
    """
    return lambda document: settled(read_text(document, ".json", classifiers), "the settings in force").rules


def drafted(settings: Settings, by: str, edition: Edition | None) -> Draft:
    """Return what putting *settings* into force after *edition* would change."""
    before = _NOTHING if edition is None else settings_of(edition)
    return Draft(document_of(settings), diff(before, settings), by, edition.number if edition is not None else 0)


def in_force(channel: Omnichannel) -> Edition | None:
    """Return the edition in force, or None if there is none yet."""
    try:
        return channel.edition()
    except NotFound:
        return None


def apply(channel: Omnichannel, settings: Settings, by: str) -> tuple[SettingChange, ...]:
    """Put *settings* into force and add or change the agents they name; return what that changed.

    Settings that change nothing make no edition.

    Args:
        channel: A channel on the store.
        settings: What shall be in force.
        by: Who does it, for the record.

    Raises:
        Refused: Somebody else was faster, or a change is not possible.
    """
    draft = drafted(settings, by, in_force(channel))
    if draft.changes:
        channel.publish(settings.rules, draft)
    for agent in settings.people(channel.agents()):
        channel.put_agent(agent)
    return draft.changes


async def aapply(channel: AsyncOmnichannel, settings: Settings, by: str) -> tuple[SettingChange, ...]:
    """Put *settings* into force; see :func:`apply`."""
    try:
        edition = await channel.edition()
    except NotFound:
        edition = None
    draft = drafted(settings, by, edition)
    if draft.changes:
        await channel.publish(settings.rules, draft)
    for agent in settings.people(await channel.agents()):
        await channel.put_agent(agent)
    return draft.changes
