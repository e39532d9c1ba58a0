"""Opening the database that a command works on."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wa_omnichannel.omnichannel import Omnichannel
    from wa_omnichannel.settings import Settings

DATABASE = "wa.sqlite"
"""Where commands look for the data of a channel unless they are told otherwise."""


def add_database(parser: argparse.ArgumentParser) -> None:
    """Add the option that says where the data is."""
    parser.add_argument("--database", default=DATABASE, metavar="PATH", help=f"the channel's database ({DATABASE})")


@contextlib.contextmanager
def channel_on(database: str, settings: Settings | None = None) -> Generator[Omnichannel]:
    """Open the database and give a channel that follows its settings; it neither receives nor sends.

    Args:
        database: Path of the file.
        settings: What counts until there are settings in force.
    """
    from wa_omnichannel.adapters.sqlite import SqliteStore
    from wa_omnichannel.omnichannel import Omnichannel
    from wa_omnichannel.rules import Rules
    from wa_omnichannel.settings import compiler

    rules = Rules((), (), ()) if settings is None else settings.rules
    with SqliteStore(Path(database)) as store:
        yield Omnichannel(rules, store=store, transport=None, follow=compiler())
