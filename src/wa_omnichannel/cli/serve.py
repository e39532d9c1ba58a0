"""``wa-omnichannel serve --config FILE``: webhooks and work in one process."""

from __future__ import annotations

import argparse
import importlib.util
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wa_omnichannel.cli.databases import add_store
from wa_omnichannel.errors import MissingExtra, TransportError

if TYPE_CHECKING:
    from wa_omnichannel.omnichannel import Omnichannel

HELP = "take webhooks and work on what is due, as a settings file says"

_log = logging.getLogger("wa_omnichannel")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments to the command line."""
    parser.add_argument("--config", metavar="FILE", help="settings to put into force at the start (those in force)")
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, metavar="N", help="on which port (8000)")
    parser.add_argument("--files", default="files", metavar="DIR", help="folder of the files that are sent (files)")
    add_store(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT; what is in hand is finished first."""
    if importlib.util.find_spec("uvicorn") is None:
        raise MissingExtra.of("uvicorn", "asgi")
    import uvicorn

    from wa_omnichannel.integrations.asgi import WebhookApp
    from wa_omnichannel.integrations.assembly import connected
    from wa_omnichannel.settings import load
    from wa_omnichannel.stores import open_store

    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")
    settings = None if arguments.config is None else load(arguments.config)
    with (
        open_store(arguments.store) as store,
        connected(store, settings, environment=os.environ, files=Path(arguments.files)) as channel,
    ):
        edition = channel.edition()
        _log.info("edition %d of the settings is in force, by %s", edition.number, edition.by)
        _read_templates(channel)
        config = uvicorn.Config(
            WebhookApp(channel), host=arguments.host, port=arguments.port, log_config=None, access_log=False
        )
        uvicorn.Server(config).run()
    return 0


def _read_templates(channel: Omnichannel) -> None:
    """Learn which templates the provider holds; from then on the list is read regularly."""
    try:
        synced = channel.sync_templates()
    except TransportError as error:
        _log.warning("the provider's templates could not be read: %s", error)
    else:
        _log.info("%d templates were compared with the list of the provider", len(synced.templates))
