"""``wa-omnichannel emulator``: a local Twilio for developing offline, until interrupted."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

NAME = "emulator"


def register(commands: Any, argv: Sequence[str]) -> None:
    """Add the command to the subparsers; its options, which need its packages, only if it is the one called."""
    parser: argparse.ArgumentParser = commands.add_parser(NAME, help="a local Twilio that behaves like WhatsApp")
    parser.set_defaults(run=run)
    if list(argv[:1]) != [NAME]:
        return
    from wa_omnichannel.emulator.running import add_arguments

    add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted and return the exit status."""
    from wa_omnichannel.emulator.running import run as serve

    try:
        return serve(arguments)
    except (OSError, ValueError, ImportError) as error:
        sys.stderr.write(f"wa-omnichannel emulator: {error}\n")
        return 2
