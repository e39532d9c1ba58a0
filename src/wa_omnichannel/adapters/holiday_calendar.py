"""Public holidays of countries and regions, from the package ``holidays`` (extra ``calendar``)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from importlib import import_module
from typing import Any

from wa_omnichannel.errors import InvalidValue, MissingExtra


class PublicHolidays:
    """The public holidays of a country, or of a region of it.

    Args:
        country: Code of the country (ISO 3166), for example ``ES``.
        region: Code of the region, for example ``MD``; empty: what the whole country has.
        language: Language of the names, for example ``es``; empty: the country's own.

    Raises:
        MissingExtra: The package holidays is not installed.
        InvalidValue: The country, region or language is not known.

    >>> PublicHolidays("ES").holiday(date(2026, 12, 25)) is None
    False
    """

    def __init__(self, country: str, region: str = "", language: str = "") -> None:
        try:
            package: Any = import_module("holidays")
        except ImportError as error:
            raise MissingExtra.of("holidays", "calendar") from error
        try:
            known = package.country_holidays(country, subdiv=region or None, language=language or None)
        except NotImplementedError as error:
            raise InvalidValue("country", f"{country} {region}".strip(), "Use the codes of ISO 3166.") from error
        supported = known.supported_languages
        if language and supported and language not in supported:
            raise InvalidValue("language", language, f"Use one of: {', '.join(supported)}.")
        self.country, self.region, self.language = country, region, language
        self._known: Mapping[date, str] = known

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PublicHolidays):
            return NotImplemented
        return self._named == other._named

    def __hash__(self) -> int:
        return hash(self._named)

    @property
    def _named(self) -> tuple[str, str, str]:
        return self.country, self.region, self.language

    def holiday(self, day: date) -> str | None:
        """Return the name of the holiday on *day*, or None on other days."""
        return self._known.get(day)
