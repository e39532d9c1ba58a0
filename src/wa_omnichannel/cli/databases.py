"""Opening the store that a command works on."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Generator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wa_omnichannel.omnichannel import Omnichannel
    from wa_omnichannel.settings import Settings

STORE = "sqlite:///wa.sqlite"
"""Where commands look for the data of a channel unless they are told otherwise."""


def add_store(parser: argparse.ArgumentParser) -> None:
    """Add the option that says where the data is."""
    parser.add_argument("--store", default=STORE, metavar="URL", help=f"the channel's data ({STORE})")


@contextlib.contextmanager
def channel_on(url: str, settings: Settings | None = None) -> Generator[Omnichannel]:
    """Open the store and give a channel that follows its settings; it neither receives nor sends.

    Args:
        url: Address of the store.
        settings: What counts until there are settings in force.
    """
    from wa_omnichannel.omnichannel import Omnichannel
    from wa_omnichannel.rules import Rules
    from wa_omnichannel.settings import compiler
    from wa_omnichannel.stores import open_store

    rules = Rules((), (), ()) if settings is None else settings.rules
    with open_store(url) as store:
        yield Omnichannel(rules, store=store, transport=None, follow=compiler())
