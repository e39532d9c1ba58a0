"""Numbered SQL files that lead a database from one schema to the next; they come with the package."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from sqlite3 import complete_statement

import attrs


@attrs.frozen
class Migration:
    """One step of the schema."""

    number: int
    """The schema's version afterwards; the first is 1."""
    name: str
    text: str

    def statements(self) -> Iterator[str]:
        """Yield the statements one by one, so that all of them fit into one transaction."""
        pending = ""
        for line in self.text.splitlines(keepends=True):
            pending += line
            if complete_statement(pending):
                yield pending
                pending = ""


def migrations(package: str) -> tuple[Migration, ...]:
    """Return the migrations in *package* in order; their files are named ``0001_initial.sql`` and so on."""
    files = sorted(
        (file for file in resources.files(package).iterdir() if file.name.endswith(".sql")), key=lambda file: file.name
    )
    return tuple(
        Migration(int(file.name.partition("_")[0]), file.name.removesuffix(".sql"), file.read_text("utf-8"))
        for file in files
    )
